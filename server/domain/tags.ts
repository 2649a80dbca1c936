/**
 * Lists of `name=value` with semicolons between, as DKIM keys, DMARC and several younger records are written (RFC 6376 §3.2). Blanks around names and values mean
 * nothing; a name stands once. What cannot be read is placed and passed over, so that the rest is judged too.
 */
import type { Span } from './types.ts';

/** Positions are those of the whole `name=value`, without the blanks around it. */
export type Tag = Span & { name: string; value: string };

export const TAG_PROBLEMS = [
  'no-equals',
  'name-missing',
  'name-invalid',
  'value-missing',
  'not-printable',
  'tag-twice',
  'empty-tag',
] as const;
export type TagProblemWord = (typeof TAG_PROBLEMS)[number];
export type TagProblem = Span & { problem: TagProblemWord; text: string };

export type TagList = { tags: Tag[]; problems: TagProblem[] };

/** Of a tag that stands twice the first is taken. Nothing behind the last semicolon is no problem. */
export function parseTags(text: string): TagList {
  const tags: Tag[] = [];
  const problems: TagProblem[] = [];
  const seen = new Set<string>();
  for (let from = 0; from <= text.length; ) {
    const semicolon = text.indexOf(';', from);
    const to = semicolon < 0 ? text.length : semicolon;
    const whole = text.slice(from, to);
    const body = trimBlanks(whole);
    const start = from + whole.indexOf(body);
    const place = { start, end: start + body.length };
    if (body === '') {
      if (semicolon >= 0) problems.push({ start: from, end: to + 1, problem: 'empty-tag', text: '' });
    } else {
      const read = readTag(body);
      if (typeof read === 'string') problems.push({ ...place, problem: read, text: body });
      else if (seen.has(read.name)) problems.push({ ...place, problem: 'tag-twice', text: body });
      else {
        seen.add(read.name);
        tags.push({ ...place, ...read });
      }
    }
    from = to + 1;
  }
  return { tags, problems };
}

function readTag(body: string): { name: string; value: string } | TagProblemWord {
  const equals = body.indexOf('=');
  if (equals < 0) return 'no-equals';
  const name = trimBlanks(body.slice(0, equals));
  const value = trimBlanks(body.slice(equals + 1));
  if (name === '') return 'name-missing';
  if (!/^[a-z][a-z0-9_]*$/i.test(name)) return 'name-invalid';
  // Folded white space may stand inside values (keys are cut into lines); nothing else that cannot be printed.
  if (/[^\t\r\n -~]/.test(value)) return 'not-printable';
  return { name, value };
}

/** Like trim(), but for the white space of mail alone: a no-break space copied from a web page is a mistake. */
function trimBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && ' \t\r\n'.includes(text[from] ?? '')) from++;
  while (to > from && ' \t\r\n'.includes(text[to - 1] ?? '')) to--;
  return text.slice(from, to);
}

export function tagOf(list: TagList, name: string): Tag | null {
  return list.tags.find((tag) => tag.name === name) ?? null;
}

/** As people write them: `v=DKIM1; k=rsa; p=…`. */
export function writeTags(tags: readonly { name: string; value: string }[]): string {
  return tags.map(({ name, value }) => `${name}=${value}`).join('; ');
}
