/**
 * The page inside the frame that shows a stranger's HTML: two of the three walls around it. The frame itself has no rights (`sandbox` without any word: no script, no
 * forms, no way out, an origin of its own), and its page begins with a content security policy that lets it load nothing at all, pictures written into
 * it excepted. The first wall is the server's, which leaves nothing in the HTML that could try (server/preview/clean.ts). Each holds without the others;
 * test/browser/preview.test.ts takes them down in turn.
 */

export const FRAME_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Mail is written for white paper, also where the page around it is dark. */
const PAPER = `html{color-scheme:light;background:#fff;color:#222}
body{margin:0;padding:12px 16px;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
img{max-width:100%;height:auto}img:not([src]){outline:1px dashed #999;outline-offset:-1px;color:#666;padding:0 2px}
a{color:#1a56c4;text-decoration:underline}table{max-width:100%}`;

/** @param html as the server has cleaned it; the policy stands before it, so it holds for all of it */
export function frameDocument(html: string): string {
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${FRAME_POLICY}"><style>${PAPER}</style></head><body>${html}</body></html>`;
}
