/** A stranger's words as text of a page. Pure. */

/** For text and attributes. What would turn the direction of what follows goes. */
export function text(value: string): string {
  return value
    .replace(/[\u202a-\u202e\u2066-\u2069\p{Cc}]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
