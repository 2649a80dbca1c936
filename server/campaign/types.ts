/**
 * A campaign is a mail that somebody is about to send; an audit reads it into facts and judges the facts into findings. Everything here is plain data that survives
 * JSON and a thread's border. Nothing in a stranger's mail is ever a key of an object: header names and the like are values in lists.
 */
import type { Author } from '../authentication/alignment.ts';
import type { Evidence, Fix as RecordFix, Severity } from '../domain/types.ts';

/** What looks at a mail, in the order in which a report shows it. `domain`: what the domains in it publish. */
export const CHECKS = [
  'structure',
  'headers',
  'content',
  'unsubscribe',
  'html',
  'links',
  'authentication',
  'domain',
  'filters',
] as const;
export type Check = (typeof CHECKS)[number];

export type Finding = {
  /** One of the ids of findings.ts, or of `server/domain/findings.ts` where the check is `domain`. */
  id: string;
  check: Check;
  severity: Severity;
  /** Flat values for sentences and marks. `line` and `column` count from 1: in the text of `part` when that is given, else in the file. */
  evidence: Evidence;
  /** What can be put in place as it stands; null where only a person can know it. */
  fix: Fix | null;
};
export type Fix = { header: string; value: string } | RecordFix;

/** From 1, in characters. */
export type Place = { line: number; column: number };

export type Field = {
  name: string;
  /** In lower case. */
  key: string;
  /** Unfolded and trimmed, encoded words as they are. */
  value: string;
  /** Position among the fields, 0 at the top. */
  index: number;
  line: number;
  /** Bytes of its longest line. */
  longest: number;
  /** Holds bytes beyond ASCII. */
  eightBit: boolean;
};

export type Part = {
  /** `1`, `1.2`; the message itself is `0`. */
  path: string;
  depth: number;
  /** `text/html`, in lower case. */
  type: string;
  /** As declared, in lower case; null: none. */
  charset: string | null;
  /** Content-Transfer-Encoding in lower case; `7bit` where none is given. */
  encoding: string;
  disposition: 'inline' | 'attachment' | null;
  name: string | null;
  contentId: string | null;
  /** Of a multipart: null where it has none. */
  boundary: string | null;
  /** Of a multipart: whether its first and its last delimiter were seen. */
  opened: boolean;
  closed: boolean;
  /** Where its header begins. */
  line: number;
  /** Of its body as it stands in the file, and decoded (estimated for what is not text). */
  bytes: number;
  size: number;
  /** Where its body has bytes beyond ASCII, and its longest line in bytes. */
  eightBit: boolean;
};

/** What is wrong with how a text part is written. */
export type TextFault =
  | { kind: 'charset-missing' | 'charset-unknown' | 'charset-invalid' | 'encoding-unknown' | 'encoding-invalid' }
  | { kind: 'escape-open' | 'escape-foreign'; line: number };

export type Text = { part: string; text: string; charset: string | null; faults: TextFault[]; cut: boolean };

export type Link = {
  /** As written, trimmed. */
  href: string;
  /** What is shown for it: its text, or the alternative text of its picture. */
  text: string;
  place: Place;
};
export type Image = {
  src: string;
  alt: string | null;
  width: string | null;
  height: string | null;
  /** One dot, or hidden. */
  pixel: boolean;
  place: Place;
};
/** Things of one kind: how many, and where the first of them stand. */
export type Places = { count: number; first: (Place & { what: string })[] };

export type Used =
  | { element: string; attributes: string[]; type: string | null; place: Place }
  | { property: string; value: string; place: Place };

export type HtmlFacts = {
  part: string;
  bytes: number;
  lang: string | null;
  title: string | null;
  /** The first words in it, shown or hidden: what inboxes show behind the subject. */
  preheader: string;
  /** What a reader sees, blanks run together. */
  text: string;
  hidden: { characters: number; first: (Place & { what: string }) | null };
  elements: number;
  depth: number;
  links: Link[];
  linkCount: number;
  images: Image[];
  imageCount: number;
  /** Characters of pictures that are written into their addresses. */
  dataBytes: number;
  scripts: Places;
  handlers: Places;
  forms: Places;
  embeds: Places;
  drawings: Places;
  sheets: Places;
  bases: Places;
  refreshes: Places;
  /** Tables used for layout whose role does not say so. */
  layoutTables: Places;
  /** Fixed widths beyond a mail's usual column. */
  wide: Places;
  /** Text that stands out too little; `what`: both colours and the ratio. */
  faint: Places;
  small: Places;
  /** Ends that fit no beginning, what is given twice. */
  markup: Places;
  /** Each element, attribute and declaration that is used, once. */
  used: Used[];
  /** All style sheets in it. */
  sheet: string;
  /** `meta name=color-scheme`, or a rule for dark screens. */
  dark: boolean;
};

export type Facts = {
  bytes: number;
  lines: number;
  /** Bytes of the longest line of the body, and where. */
  longestLine: { bytes: number; line: number };
  /** Line ends: `mixed` is a fault, files on a disk often have `lf`. */
  lineEnds: 'crlf' | 'lf' | 'mixed';
  mixedAt: number | null;
  nulAt: number | null;
  fields: Field[];
  headerBytes: number;
  /** The header was longer than what is read. */
  headerCut: boolean;
  /** Lines in the header that are no field. */
  strayLines: number[];
  parts: Part[];
  partCount: number;
  /** Parts deeper than what is followed. */
  tooDeep: boolean;
  author: Author;
  from: { address: string | null; name: string; domain: string | null };
  /** Decoded. */
  subject: string | null;
  text: Text | null;
  /** The HTML as text; what it holds is in `html`. */
  source: Text | null;
  html: HtmlFacts | null;
  /** Of what a reader sees: `ja`, `en` … */
  languages: string[];
};

/** Why a file could not be audited at all. */
export const REFUSALS = ['not-a-message', 'too-large', 'read-timeout', 'read-failed'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What to put in the place of what is at fault, on one line: a header, or a record; null where only a person can know. */
export function putInstead({ fix }: Pick<Finding, 'fix'>): string | null {
  if (fix === null) return null;
  if ('header' in fix) return `${fix.header}: ${fix.value}`;
  return fix.value === null ? null : `${fix.name} ${fix.type} ${fix.value}`;
}
