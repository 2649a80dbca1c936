/**
 * Values put into sentences. In the files of texts `{{name}}` stands for a value of the evidence, and `[[ … ]]` is a part that vanishes as a whole when
 * a value in it is not known, so that no sentence ever shows a hole.
 */

/** `title`: a few words. `meaning`: what it means. `todo`: what to do next. Plain text, never HTML. */
export type Words = { title: string; meaning: string; todo: string };

/** A server's reply is somebody else's text and may be very long. */
const LONGEST_VALUE = 300;

export function fillAll(words: Words, evidence: Record<string, unknown>): Words {
  return {
    title: fill(words.title, evidence),
    meaning: fill(words.meaning, evidence),
    todo: fill(words.todo, evidence),
  };
}

/** Innermost optional parts first, so that one may stand in another. Values are put in last: their own braces stay as they are. */
function fill(text: string, evidence: Record<string, unknown>): string {
  let kept = text;
  for (let before = ''; before !== kept; ) {
    before = kept;
    kept = kept.replace(/\[\[((?:(?!\[\[|\]\])[\s\S])*)\]\]/g, (_, part: string) =>
      [...part.matchAll(/\{\{(\w+)\}\}/g)].every(([, key]) => shown(evidence, key ?? '') !== '') ? part : '',
    );
  }
  return kept.replace(/\{\{(\w+)\}\}/g, (_, key: string) => shown(evidence, key));
}

function shown(evidence: Record<string, unknown>, key: string): string {
  const value = Object.hasOwn(evidence, key) ? evidence[key] : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (typeof value !== 'string') return '';
  const line = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const points = [...line];
  return points.length > LONGEST_VALUE ? `${points.slice(0, LONGEST_VALUE - 1).join('')}…` : line;
}
