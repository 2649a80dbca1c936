/** What mail clients do with the HTML, and what people see of it: code, hidden text, pictures, width, colours, what a reader that speaks needs. Pure. */
import { at, raise, raiseAt } from '../findings.ts';
import type { Facts, Finding, HtmlFacts, Image, Part } from '../types.ts';

/** Characters: a line of preview text, and some padding. */
const MAX_HIDDEN = 400;
const MAX_DEPTH = 100;
/** Fewer characters beside pictures, and filters see a picture of a mail. */
const MIN_TEXT = 60;

export function checkHtml(facts: Facts): Finding[] {
  const { html, source, parts } = facts;
  if (html === null || source === null) return [];
  const { part } = html;
  return [
    ...raiseAt('html-script', part, html.scripts),
    ...raiseAt('html-handler', part, html.handlers),
    ...raiseAt('html-form', part, html.forms),
    ...raiseAt('html-embed', part, html.embeds),
    ...raiseAt('html-drawing', part, html.drawings),
    ...raiseAt('html-sheet-outside', part, html.sheets),
    ...raiseAt('html-base', part, html.bases),
    ...raiseAt('html-refresh', part, html.refreshes),
    ...hidden(html),
    ...(html.depth > MAX_DEPTH ? [raise('html-deep', { part, depth: html.depth, limit: MAX_DEPTH })] : []),
    ...images(html, parts),
    ...raiseAt('html-wide', part, html.wide),
    ...(html.lang === null ? [raise('html-lang', { part })] : []),
    ...raiseAt('html-table-role', part, html.layoutTables),
    ...raiseAt('html-contrast', part, html.faint),
    ...raiseAt('html-small', part, html.small),
    ...raiseAt('html-markup', part, html.markup),
    ...(html.dark ? [] : [raise('html-dark', { part })]),
  ];
}

function hidden({ part, hidden }: HtmlFacts): Finding[] {
  if (hidden.characters <= MAX_HIDDEN || hidden.first === null) return [];
  const { line, column, what } = hidden.first;
  return [raise('html-hidden-text', { part, line, column, what, characters: hidden.characters })];
}

function images(html: HtmlFacts, parts: readonly Part[]): Finding[] {
  const { part, images } = html;
  const shown = images.filter(({ pixel }) => !pixel);
  const pick = (id: Parameters<typeof raise>[0], some: readonly Image[]): Finding[] => {
    const [first] = some;
    return first === undefined
      ? []
      : [raise(id, { ...at(part, first.place), src: first.src.slice(0, 200), count: some.length })];
  };
  const cids = new Set(parts.flatMap(({ contentId }) => (contentId === null ? [] : [contentId])));
  const letters = html.text.replace(/\s+/g, '').length;
  const [first] = shown;
  const only = first !== undefined && letters < MIN_TEXT;
  return [
    ...(only ? [raise('html-image-only', { ...at(part, first.place), count: shown.length, characters: letters })] : []),
    // An empty one says: only decoration.
    ...pick(
      'html-image-alt',
      shown.filter(({ alt }) => alt === null),
    ),
    ...pick(
      'html-image-plain',
      images.filter(({ src }) => /^http:/i.test(src)),
    ),
    ...pick(
      'html-image-size',
      shown.filter(({ width }) => width === null),
    ),
    ...pick(
      'html-image-data',
      images.filter(({ src }) => /^data:/i.test(src)),
    ),
    ...pick(
      'html-image-cid',
      images.filter(({ src }) => /^cid:/i.test(src) && !cids.has(contentIdOf(src.slice(4)))),
    ),
    ...pick(
      'html-image-relative',
      images.filter(({ src }) => !/^(?:https?:\/\/|\/\/|data:|cid:)/i.test(src)),
    ),
  ];
}

/** RFC 2392: `%` stands for what an address cannot hold. */
function contentIdOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
