/**
 * How a mail that somebody else's system sent is recognised in a seed: by a token that was put into it, by a header that the system sets anyway, or by who it is from and
 * what it is about. Pure; the questions to servers are asked in `server/seed/`.
 */
import { decodeWords } from '../authentication/headers.ts';
import { fieldValues, type Watcher } from '../seed/match.ts';

/** The header in which a token is expected; the subject and the text will do, too. */
export const CAMPAIGN_HEADER = 'X-Todoku-Campaign';

/** The sender of probes that somebody else's system sends. */
export const NOBODY = '';

/** What the plan of a watch says instead of a message. */
export type Recognition =
  | { by: 'token'; token: string }
  | { by: 'header'; name: string; value: string }
  | { by: 'from'; from: string; subject?: string | undefined };

/**
 * Where two watches that are open fit one mail it counts for the surer one: a token was put there for this campaign alone, a header names it, a sender and a subject may
 * be those of several. Greater is surer.
 */
export function surenessOf(recognition: Recognition): number {
  return recognition.by === 'token' ? 3 : recognition.by === 'header' ? 2 : recognition.subject === undefined ? 0 : 1;
}

/** A system may stamp a mail when it is made, a while before it leaves; clocks differ. */
const STAMPED_BEFORE_MS = 15 * 60_000;

/** Fields into which systems let people write. */
const TOKEN_FIELDS = [
  CAMPAIGN_HEADER.toLowerCase(),
  ...['subject', 'message-id', 'x-campaign-id', 'x-campaign', 'feedback-id', 'list-id', 'x-mailjet-campaign', 'x-job'],
];

/**
 * @param token of the probe that stands for the seed
 * @param opensAt epoch ms: an older mail is another one
 */
export function watcherOf(recognition: Recognition, token: string, opensAt: number): Watcher {
  const since = opensAt - STAMPED_BEFORE_MS;
  const base = { token, since };
  switch (recognition.by) {
    case 'token': {
      const wanted = recognition.token.toLowerCase();
      return {
        ...base,
        fields: TOKEN_FIELDS,
        terms: [{ header: { [CAMPAIGN_HEADER]: recognition.token } }, { subject: recognition.token }],
        text: recognition.token,
        matches: (header) =>
          TOKEN_FIELDS.some((name) => readable(header, name).some((value) => value.includes(wanted))),
      };
    }
    case 'header': {
      const name = recognition.name.toLowerCase();
      const wanted = folded(recognition.value);
      const plain = /^[\x20-\x7e]+$/.test(recognition.value) ? recognition.value : true;
      return {
        ...base,
        fields: [name, 'date'],
        terms: [{ header: { [recognition.name]: plain } }],
        text: null,
        matches: (header) => isNew(header, since) && readable(header, name).some((value) => value.includes(wanted)),
      };
    }
    case 'from': {
      const from = recognition.from.trim().toLowerCase();
      const subject = recognition.subject === undefined ? null : folded(recognition.subject);
      return {
        ...base,
        fields: ['from', 'subject', 'date'],
        terms: [{ from }],
        text: null,
        matches: (header) =>
          isNew(header, since) &&
          fieldValues(header, 'from').some((value) => isFrom(value.toLowerCase(), from)) &&
          (subject === null || readable(header, 'subject').some((value) => value.includes(subject))),
      };
    }
  }
}

/** When the sending system stamped the mail, epoch ms; null where it cannot be told. */
export function stampedAt(header: Buffer): number | null {
  const at = Date.parse(fieldValues(header, 'date')[0] ?? '');
  return Number.isNaN(at) ? null : at;
}

function isNew(header: Buffer, since: number): boolean {
  const at = stampedAt(header);
  return at === null || at >= since;
}

/** An address as it stands, or a domain and those below it. */
function isFrom(value: string, wanted: string): boolean {
  const address = /<([^<>]*)>[^<>]*$/.exec(value)?.[1] ?? value.trim();
  if (wanted.includes('@') && !wanted.startsWith('@')) return address === wanted;
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const name = wanted.replace(/^@/, '');
  return domain === name || domain.endsWith(`.${name}`);
}

/** Values of a field as people read them, in lower case, blanks run together. */
function readable(header: Buffer, name: string): string[] {
  return fieldValues(header, name).map((value) => folded(decodeWords(value.slice(0, 4_000))));
}

function folded(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
}
