/** What people read first, and what a template left behind. Pure. */

import { firstOf } from '../fields.ts';
import { at, raise } from '../findings.ts';
import { lineStarts, placeOf } from '../html.ts';
import type { Facts, Finding } from '../types.ts';

/**
 * Placeholders of the usual systems: `{{name}}` and `{% if %}` (Liquid, Handlebars, Jinja), `*|FNAME|*` (Mailchimp), `%FNAME%` and `%%first_name%%` (Salesforce and
 * others), `[[name]]`, `${name}`, `<%= name %>`, `##NAME##`. A per cent sign between two words is none, so single ones need capitals.
 */
const PLACEHOLDER =
  /\{\{\{?\s{0,20}[#/^>&]?[\w.|: "'-]{1,80}\}\}|\{%-?\s*\w[^%{}]{0,80}%\}|\*\|[\w:]{1,60}\|\*|%%[\w.: =]{1,60}%%|%[A-Z][A-Z0-9_]{2,40}%|\[\[\s{0,20}[\w.-]{1,60}\s{0,20}\]\]|\$\{[\w.]{1,60}\}|<%=?\s{0,20}[\w.]{1,60}\s{0,20}%>|##[A-Z][A-Z0-9_]{1,40}##/;
const BOILERPLATE =
  /^(?:view (?:this|in|it|the|online)|(?:having )?trouble (?:viewing|reading)|can'?t (?:see|read|view)|if you (?:can(?:no|')t|are having)|read online|web version|メールが正しく表示されない|正しく表示されない|(?:web|ウェブ)(?:版|ブラウザ)|ブラウザで(?:見る|表示))/i;

export function checkContent(facts: Facts): Finding[] {
  return [...placeholders(facts), ...preheader(facts)];
}

function placeholders({ fields, subject, text, source, from }: Facts): Finding[] {
  const found: Finding[] = [];
  const subjectLine = firstOf(fields, 'subject')?.line ?? 1;
  const fromLine = firstOf(fields, 'from')?.line ?? 1;
  for (const [words, line, field] of [
    [subject ?? '', subjectLine, 'Subject'],
    [from.name, fromLine, 'From'],
  ] as const) {
    const match = PLACEHOLDER.exec(words);
    if (match) found.push(raise('content-placeholder', { line, column: 1, field, placeholder: match[0] }));
  }
  for (const one of [text, source]) {
    if (one === null) continue;
    const readable = one === source ? withoutCode(one.text) : one.text;
    const match = PLACEHOLDER.exec(readable);
    if (match)
      found.push(
        raise('content-placeholder', {
          ...at(one.part, placeOf(lineStarts(one.text), match.index)),
          field: one === source ? 'HTML' : 'text',
          placeholder: match[0],
        }),
      );
  }
  return found;
}

/** Style sheets and comments have braces and per cent signs of their own; they become blanks, so that places stay what they are. */
function withoutCode(html: string): string {
  let out = '';
  let from = 0;
  const opening = /<(style|script)\b|<!--/gi;
  for (let match = opening.exec(html); match !== null; match = opening.exec(html)) {
    const closing = match[1] === undefined ? /-->/g : /<\/(?:style|script)/gi;
    closing.lastIndex = match.index;
    const end = closing.exec(html)?.index ?? html.length;
    out += html.slice(from, match.index) + ' '.repeat(end - match.index);
    from = end;
    opening.lastIndex = end;
  }
  return out + html.slice(from);
}

function preheader({ html, text }: Facts): Finding[] {
  const first = (html === null ? (text?.text ?? '') : html.preheader).trim();
  if (html === null) return [];
  if (first === '') return [raise('content-preheader-missing', { part: html.part })];
  return BOILERPLATE.test(first)
    ? [raise('content-preheader-boilerplate', { part: html.part, preheader: first.slice(0, 80) })]
    : [];
}
