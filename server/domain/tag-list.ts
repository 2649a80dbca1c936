/**
 * `v=STSv1; id=20261125;` and its kin: a list of `name=value` parts with semicolons between them, the form of most records that say something about
 * mail (RFC 6376 §3.2, RFC 8460 §3, RFC 8461 §3.1). Reading keeps where each part stands, so that a page can mark the faulty one. What a tag means, and whether it
 * may stand there, is each protocol's own matter. Pure.
 */
import type { Span } from './types.ts';

export type Tag = Span & { name: string; value: string };
export type TagFault = Span & { problem: 'no-value' | 'bad-name' | 'empty-part' | 'repeated'; text: string };
export type TagList = { tags: Tag[]; faults: TagFault[] };

const WHITE = ' \t\r\n';

/** Never throws; whatever is no tag is a fault. A semicolon at the end is allowed, and an empty list has no tags. */
export function readTagList(record: string): TagList {
  const tags: Tag[] = [];
  const faults: TagFault[] = [];
  const parts = record.split(';');
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const span = trimmedSpan(record, at, at + part.length);
    at += part.length + 1;
    const text = record.slice(span.start, span.end);
    if (text === '') {
      if (index < parts.length - 1) faults.push({ ...span, problem: 'empty-part', text: ';' });
      continue;
    }
    const equals = text.indexOf('=');
    if (equals < 0) {
      faults.push({ ...span, problem: 'no-value', text });
      continue;
    }
    const name = text.slice(0, equals).trimEnd();
    if (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(name)) faults.push({ ...span, problem: 'bad-name', text });
    else if (tags.some((tag) => tag.name === name)) faults.push({ ...span, problem: 'repeated', text });
    else tags.push({ ...span, name, value: text.slice(equals + 1).trimStart() });
  }
  return { tags, faults };
}

/** The value of a tag; null when it is not there. */
export function tagValue(list: TagList, name: string): string | null {
  return list.tags.find((tag) => tag.name === name)?.value ?? null;
}

function trimmedSpan(text: string, from: number, to: number): Span {
  let [start, end] = [from, to];
  while (start < end && WHITE.includes(text[start] ?? '')) start++;
  while (end > start && WHITE.includes(text[end - 1] ?? '')) end--;
  return { start, end };
}

export type ChosenText = {
  /** Records that begin as this protocol's do. */
  own: string[];
  /** What else stands at that name. */
  others: string[];
};

/** Which of the TXT records at a name are this protocol's, by how they begin. */
export function chooseTexts(texts: readonly string[], begins: RegExp): ChosenText {
  return { own: texts.filter((text) => begins.test(text)), others: texts.filter((text) => !begins.test(text)) };
}
