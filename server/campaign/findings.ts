/**
 * Every finding there is about a campaign: its id, the check that raises it, how much it matters, and in one clause when it is raised. Documentation is made from this
 * table (`README.md` beside it), each id has sentences in `server/words/campaign.en.json` and `.ja.json`, and a pair of mails in `test/golden/campaign/`, one that shows
 * it and one that does not. What the domains in a mail publish has findings of its own: `server/domain/findings.ts`.
 */
import type { Evidence, Severity } from '../domain/types.ts';
import type { Check, Finding, Fix, Place, Places } from './types.ts';

type Entry = { check: Check; severity: Severity; when: string };

const about =
  (check: Check) =>
  (severity: Severity, when: string): Entry => ({ check, severity, when });
const structure = about('structure');
const headers = about('headers');
const content = about('content');
const unsubscribe = about('unsubscribe');
const html = about('html');
const links = about('links');
const authentication = about('authentication');
const filters = about('filters');

export const FINDINGS = {
  'structure-empty': structure('critical', 'there is neither text nor HTML to read'),
  'structure-boundary-missing': structure('critical', 'a multipart names no delimiter, or one that never comes'),
  'structure-boundary-unclosed': structure('medium', 'the last delimiter of a multipart is missing'),
  'structure-nested-deeply': structure('high', 'multiparts stand in each other more than 50 deep'),
  'structure-parts-many': structure('high', 'there are more than 500 parts'),
  'structure-text-missing': structure('medium', 'there is HTML but no text part'),
  'structure-text-empty': structure('medium', 'the text part has no words'),
  'structure-text-differs': structure('medium', 'text part and HTML hardly share a word'),
  'structure-alternative-order': structure('high', 'the HTML stands before the text, so that clients show the text'),
  'structure-charset-missing': structure('medium', 'a text beyond ASCII names no character set'),
  'structure-charset-unknown': structure('high', 'a text names a character set that nobody knows'),
  'structure-charset-invalid': structure('high', 'a text has bytes that its character set does not have'),
  'structure-escape-open': structure('medium', 'a line of ISO-2022-JP does not end in ASCII'),
  'structure-escape-foreign': structure('medium', 'ISO-2022-JP switches to a set that it does not have'),
  'structure-encoding-unknown': structure('high', 'a Content-Transfer-Encoding is none that exists'),
  'structure-encoding-invalid': structure('medium', 'base64 or quoted-printable has signs that cannot stand there'),
  'structure-eight-bit': structure('low', 'a part has bytes beyond ASCII but says 7bit'),
  'structure-line-too-long': structure('high', 'a line of the body is longer than 998 bytes'),
  'structure-line-ends-mixed': structure('medium', 'some lines end in CR LF and others in LF or CR alone'),
  'structure-nul': structure('high', 'the mail has NUL bytes'),
  'structure-clipped': structure('high', 'the HTML is larger than the 102 KB after which Gmail clips'),
  'structure-large': structure('medium', 'the mail is larger than 1 MB'),
  'structure-attachment-dangerous': structure('critical', 'a file is attached of a kind that providers refuse'),
  'structure-attachment': structure('low', 'files are attached'),

  'headers-from-missing': headers('critical', 'there is no From, or none with an address'),
  'headers-from-ambiguous': headers('critical', 'From can be read in more than one way'),
  'headers-from-name-address': headers('high', 'the name in From shows an address of another domain'),
  'headers-from-name-missing': headers('low', 'From has an address but no name'),
  'headers-reply-to-elsewhere': headers('medium', 'answers go to another organization than the one in From'),
  'headers-sender-elsewhere': headers('low', 'Sender names another organization than the one in From'),
  'headers-duplicate': headers('high', 'a field stands twice that may stand only once'),
  'headers-date-missing': headers('high', 'there is no Date'),
  'headers-date-invalid': headers('medium', 'Date cannot be read'),
  'headers-date-off': headers('low', 'Date is more than a day ahead or a month ago'),
  'headers-message-id-missing': headers('medium', 'there is no Message-ID'),
  'headers-message-id-invalid': headers('medium', 'Message-ID is not of the form `<left@right>`'),
  'headers-eight-bit': headers('medium', 'a field has bytes beyond ASCII instead of encoded words'),
  'headers-encoded-word-broken': headers('medium', 'an encoded word cannot be read, or is longer than 75 signs'),
  'headers-line-too-long': headers('high', 'a line of the header is longer than 998 bytes'),
  'headers-too-large': headers('high', 'the header is larger than 32 KB'),
  'headers-unreadable': headers('medium', 'a line of the header is no field'),
  'headers-recipients-many': headers('high', 'more than 20 addresses stand in To and Cc, for all to see'),
  'headers-subject-missing': headers('high', 'there is no subject, or an empty one'),
  'headers-subject-long': headers('low', 'the subject is longer than inboxes show'),
  'headers-subject-capitals': headers('low', 'the subject is written in capitals'),
  'headers-subject-signs': headers('low', 'the subject has runs of exclamation marks, or more than three emoji'),
  'headers-subject-reply': headers('high', 'the subject begins with Re: or Fwd:, but the mail answers none'),

  'content-placeholder': content('critical', 'a placeholder was not replaced'),
  'content-preheader-missing': content('low', 'there is nothing to show behind the subject'),
  'content-preheader-boilerplate': content('low', 'inboxes show "view in browser" behind the subject'),

  'unsubscribe-header-missing': unsubscribe('high', 'there is no List-Unsubscribe'),
  'unsubscribe-header-invalid': unsubscribe('high', 'List-Unsubscribe has no address in angle brackets'),
  'unsubscribe-header-plain': unsubscribe('medium', 'the address in List-Unsubscribe is http instead of https'),
  'unsubscribe-one-click-missing': unsubscribe('high', 'there is no List-Unsubscribe-Post'),
  'unsubscribe-one-click-value': unsubscribe('high', 'List-Unsubscribe-Post says something else than it must'),
  'unsubscribe-one-click-https': unsubscribe('high', 'there is a one-click header but no https address to post to'),
  'unsubscribe-unsigned': unsubscribe('high', 'no DKIM signature covers the unsubscribe headers'),
  'unsubscribe-link-missing': unsubscribe('high', 'the mail shows no link to unsubscribe'),
  'unsubscribe-law-japan': unsubscribe('info', 'a Japanese mail does not show all that the law there asks for'),
  'unsubscribe-law-us': unsubscribe('info', 'an English mail shows no postal address, as CAN-SPAM asks'),

  'html-script': html('high', 'there are scripts, or addresses that are code'),
  'html-handler': html('medium', 'elements act on events (`onclick` …)'),
  'html-form': html('medium', 'there are forms or fields'),
  'html-embed': html('high', 'there are frames, films or other embedded things'),
  'html-drawing': html('medium', 'there is SVG or MathML in the HTML'),
  'html-sheet-outside': html('medium', 'style sheets lie on a server'),
  'html-base': html('medium', 'there is a `base` element'),
  'html-refresh': html('high', 'the page sends its reader elsewhere by itself'),
  'html-hidden-text': html('high', 'much text is hidden'),
  'html-deep': html('medium', 'elements stand in each other more than 100 deep'),
  'html-image-only': html('high', 'there are pictures and next to no text'),
  'html-image-alt': html('medium', 'pictures have no alternative text'),
  'html-image-plain': html('medium', 'pictures are loaded over http'),
  'html-image-size': html('low', 'pictures have no width'),
  'html-image-data': html('medium', 'pictures are written into the HTML'),
  'html-image-cid': html('high', 'a picture is meant to come with the mail but did not'),
  'html-image-relative': html('high', 'a picture has no full address'),
  'html-wide': html('medium', 'something has a fixed width of more than 700 pixels'),
  'html-lang': html('low', 'the HTML does not say its language'),
  'html-table-role': html('low', 'tables for the layout do not say so'),
  'html-contrast': html('medium', 'text stands out too little from what is behind it'),
  'html-small': html('low', 'text is smaller than 11 pixels'),
  'html-dark': html('info', 'nothing is said about dark screens'),
  'html-markup': html('low', 'elements are broken, nested wrongly or doubled'),
  'html-misplaced': html('low', 'elements stand where HTML does not allow them'),
  'html-reference': html('low', 'a character reference (`&nbps;`) is none that exists'),
  'html-link-unnamed': html('medium', 'links have neither text nor a picture with alternative text'),
  'html-clients': html('low', 'something is used that a widespread client does not know'),

  'links-text-differs': links('high', 'a link shows one domain and leads to another'),
  'links-lookalike': links('high', 'the name of a domain imitates another with foreign letters'),
  'links-shortened': links('medium', 'a link goes through a public shortener'),
  'links-plain': links('medium', 'a link is http instead of https'),
  'links-address': links('high', 'a link leads to an IP address'),
  'links-private': links('high', 'a link leads to a name or address that exists only inside a network'),
  'links-user': links('high', 'a link has a user before its host'),
  'links-invalid': links('high', 'a link is no address, or has none'),
  'links-unaligned': links('low', 'most links lead to domains other than that of the sender'),
  'links-many': links('low', 'there are more than 100 links'),
  'links-broken': links('high', 'a page answers with an error'),
  'links-unreachable': links('high', 'a page cannot be reached'),
  'links-certificate': links('high', 'the server of a page shows a certificate that does not hold'),
  'links-redirects': links('low', 'a link leads through more than three redirects'),
  'links-slow': links('low', 'a page takes more than three seconds'),
  'links-unasked': links('info', 'some links were not asked'),

  'authentication-unsigned': authentication('high', 'the mail has no DKIM signature'),
  'authentication-signature-broken': authentication('critical', 'no DKIM signature holds'),
  'authentication-signature-one-broken': authentication('low', 'one of several DKIM signatures does not hold'),
  'authentication-unaligned': authentication('high', 'a signature holds, but in the name of another domain than From'),
  'authentication-partly-signed': authentication('medium', 'a signature leaves the end of the mail open (`l=`)'),
  'authentication-key-short': authentication('medium', 'a signature is made with an RSA key of less than 2048 bits'),
  'authentication-unverified': authentication('info', 'the signatures could not be verified'),

  'filters-rspamd-spam': filters('high', 'rspamd would refuse the mail or mark it as spam'),
  'filters-rspamd-suspicious': filters('medium', 'rspamd would hold the mail back for a while'),
  'filters-spamassassin-spam': filters('high', 'SpamAssassin calls the mail spam'),
  'filters-unreachable': filters('info', 'a filter that is set up gave no answer'),
  'filters-none': filters('info', 'no filter is set up'),
} as const satisfies Record<string, Entry>;

export type FindingId = keyof typeof FINDINGS;

export function raise(id: FindingId, evidence: Evidence = {}, fix: Fix | null = null): Finding {
  const { check, severity } = FINDINGS[id];
  return { id, check, severity, evidence: inSentences(evidence), fix };
}

/** Characters of one word of evidence, and words of one list: a header field alone may be a quarter of a megabyte. */
const LONGEST_WORD = 500;
const LONGEST_LIST = 50;

/** Evidence as it stands in sentences: the mail itself is kept beside it. */
export function inSentences(evidence: Evidence): Evidence {
  const cut = (text: string): string =>
    text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD - 1).toWellFormed()}…` : text;
  const short = Object.entries(evidence).map(([key, value]) => [
    key,
    typeof value === 'string' ? cut(value) : Array.isArray(value) ? value.slice(0, LONGEST_LIST).map(cut) : value,
  ]);
  return Object.fromEntries(short) as Evidence;
}

/** One finding for things of one kind, where the first of them stands. */
export function raiseAt(id: FindingId, part: string, places: Places): Finding[] {
  const [first] = places.first;
  if (first === undefined) return [];
  return [raise(id, { part, line: first.line, column: first.column, what: first.what, count: places.count })];
}

export function at(part: string, place: Place): { part: string; line: number; column: number } {
  return { part, line: place.line, column: place.column };
}

/** The table of the documentation, one row for each finding. */
export function findingsTable(): string {
  const rows = Object.entries(FINDINGS).map(([id, { check, severity, when }]) => [`\`${id}\``, check, severity, when]);
  const head = ['id', 'check', 'severity', 'raised when'];
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
