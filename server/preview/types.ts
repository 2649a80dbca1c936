/**
 * A preview shows a mail as its reader would see it, as far as that is safe: the text, the HTML without anything that runs, loads or leads away, and the names of
 * what is attached. Whatever was taken out is counted, so that nobody wonders where a picture went. All types here are plain data that survives JSON.
 */

/** What is taken out, by what it would have done. */
export type Blocked = {
  /** Pictures that lie on a server: loading one tells the sender who reads, and when. */
  images: number;
  /** Code of any kind: elements, attributes that act, addresses that are code. */
  scripts: number;
  /** Style sheets and fonts that lie on a server. */
  styles: number;
  /** Kept as text; the address is shown and leads nowhere. */
  links: number;
  /** Fields and buttons. */
  forms: number;
  /** Frames, films, sounds, drawings and whatever else is not text. */
  embeds: number;
};

/** Why there is nothing to show: a closed set; sentences in server/words. */
export const PREVIEW_REASONS = [
  'preview-timeout', // took longer than the wall clock allows: hostile or broken mail
  'preview-failed', // the thread ended in this mail: out of memory, too deeply nested
] as const;
export type PreviewReason = (typeof PREVIEW_REASONS)[number];

export type Attachment = {
  /** As the mail calls it; any text. */
  name: string | null;
  type: string;
  /** Bytes when decoded. */
  size: number;
  /** Shown within the HTML, by its Content-ID. */
  inline: boolean;
};

export type Preview = {
  /** The part for readers without HTML; null when there is none. */
  text: string | null;
  /** Without anything that runs, loads or leads away; null when there is none. */
  html: string | null;
  /** The mail is longer than what is shown of it. */
  cut: boolean;
  blocked: Blocked;
  attachments: Attachment[];
  /** Null when all went well. */
  reason: PreviewReason | null;
};

export function noneBlocked(): Blocked {
  return { images: 0, scripts: 0, styles: 0, links: 0, forms: 0, embeds: 0 };
}

/** A preview of nothing, and why. */
export function noPreview(reason: PreviewReason): Preview {
  return { text: null, html: null, cut: false, blocked: noneBlocked(), attachments: [], reason };
}
