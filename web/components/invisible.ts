/** A stranger's text may hold signs that nobody sees, or that turn the writing around; they are written out. */

/** Signs nobody would see, or that turn the writing around, as their code: `\u202e`. @param except those that may stay */
export function visible(text: string, except = ''): string {
  return text.replace(/[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, (sign) =>
    except.includes(sign) ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
