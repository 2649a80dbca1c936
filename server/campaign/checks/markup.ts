/**
 * What html-validate says of the HTML, as far as it matters for mail: most of its rules are about pages. It builds a tree and names each place by a path, which takes time with the square of
 * what it reads; so it reads what a person could have written, and of anything larger or deeper the walk of html.ts tells what is broken. Pure.
 */
import { HtmlValidate, type Message, StaticConfigLoader } from 'html-validate';
import { raise } from '../findings.ts';
import { unlessItThrows } from '../gives-up.ts';
import type { Facts, Finding } from '../types.ts';

/** Twice and more of what a newsletter of 100 KB has; the worst of that size takes a second. */
const MAX_CHARACTERS = 250_000;
const MAX_ELEMENTS = 4_000;
const MAX_DEPTH = 100;

const MISPLACED = [
  'element-permitted-content',
  'element-permitted-occurrences',
  'element-permitted-order',
  'element-permitted-parent',
  'element-required-ancestor',
  'void-content',
] as const;
const UNKNOWN_REFERENCE = 'unrecognized-char-ref';
const UNNAMED_LINK = 'wcag/h30';

const validator = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: [],
    elements: ['html5'],
    rules: Object.fromEntries([...MISPLACED, UNKNOWN_REFERENCE, UNNAMED_LINK].map((rule) => [rule, 'error'])),
  }),
);

export function checkMarkup({ html, source }: Facts): Finding[] {
  if (html === null || source === null) return [];
  const { text } = source;
  if (text.length > MAX_CHARACTERS || html.elements > MAX_ELEMENTS || html.depth > MAX_DEPTH) return [];
  const messages = unlessItThrows(() => validator.validateStringSync(text))?.results[0]?.messages ?? [];
  const of = (rules: readonly string[]): Message[] => messages.filter(({ ruleId }) => rules.includes(ruleId));
  const tell = (
    id: Parameters<typeof raise>[0],
    some: readonly Message[],
    what: (one: Message) => string,
  ): Finding[] => {
    const [first] = some;
    if (first === undefined) return [];
    const { line, column } = first;
    return [raise(id, { part: html.part, line, column, what: what(first), count: some.length })];
  };
  const element = ({ offset }: Message): string =>
    `<${/^<?\/?([a-z][a-z0-9-]*)/i.exec(text.slice(offset, offset + 40))?.[1] ?? ''}>`;
  const reference = ({ offset, size }: Message): string => text.slice(offset, offset + size);
  return [
    ...tell('html-misplaced', of(MISPLACED), element),
    ...tell('html-reference', of([UNKNOWN_REFERENCE]), reference),
    ...tell('html-link-unnamed', of([UNNAMED_LINK]), element),
  ];
}
