/**
 * The page inside the frame that shows a stranger's HTML: two of the three walls around it. The frame itself has no rights (`sandbox` without any word: no script, no
 * forms, no way out, an origin of its own), and its page begins with a content security policy that lets it load nothing at all, pictures written into
 * it excepted. The first wall is the server's, which leaves nothing in the HTML that could try (server/preview/clean.ts). Each holds without the others;
 * test/browser/preview.test.ts takes them down in turn.
 */

export const FRAME_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** How the reader has it: on white paper as mail is written for, or dark; with the pictures that came along, or without. */
export type Look = { dark: boolean; pictures: boolean };
const PAPER_LOOK: Look = { dark: false, pictures: true };

/** The attribute of elements that a finding points at. */
export const MARK = 'data-todoku-mark';

const STYLE = `body{margin:0;padding:12px 16px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
img{max-width:100%;height:auto}img:not([src]){outline:1px dashed #999;outline-offset:-1px;color:#666;padding:0 2px}
img:not([src],[height="1"],[width="1"]){display:inline-block;min-width:24px;min-height:24px}
a{color:#1a56c4;text-decoration:underline}table{max-width:100%}
[${MARK}]{outline:3px dashed #c0272d!important;outline-offset:2px;scroll-initial-target:nearest;scroll-margin:80px}`;
/** Mail is written for white paper, also where the page around it is dark. */
const PAPER = 'html{color-scheme:light;background:#fff;color:#222}';
const OWN_DARK = 'html{color-scheme:dark;background:#121212;color:#eee}a{color:#8ab4f8}';
/** What clients do that darken by force: light becomes dark, hues and pictures stay. */
const FORCED_DARK = `${PAPER}html{filter:invert(.93) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}`;

const DARK_QUERY = /\(\s*prefers-color-scheme\s*:\s*dark\s*\)/gi;

/** Whether the mail brings rules of its own for dark screens. */
export function hasOwnDark(html: string): boolean {
  return /\(\s*prefers-color-scheme\s*:\s*dark\s*\)/i.test(html);
}

/** @param html as the server has cleaned it; the policy stands before it, so it holds for all of it */
export function frameDocument(html: string, { dark, pictures }: Look = PAPER_LOOK): string {
  const policy = pictures ? FRAME_POLICY : FRAME_POLICY.replace('img-src data:; ', '');
  const ground = !dark ? PAPER : hasOwnDark(html) ? OWN_DARK : FORCED_DARK;
  // Which theme the reader's own machine has must not decide what is shown.
  const themed = html.replace(DARK_QUERY, dark ? '(min-width:0)' : '(max-width:0)');
  const shown = pictures ? themed : themed.replace(/(<img\b[^>]*?)\ssrc="[^"]*"/gi, '$1');
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><style>${ground}${STYLE}</style></head><body>${shown}</body></html>`;
}
