/** What an SPF check rests on: the tree that the record leads to, what else is published beside it, and what its addresses would be told. */
import type { DnsStatus } from '../dns/client.ts';
import { type Answers, askedOf, recordsOf, says, textsOf, UnaskedList } from './answers.ts';
import { isSenderId, isSpfRecord, looksLikeSpf } from './spf.ts';
import { evaluateSpf, type SpfVerdict } from './spf-evaluate.ts';
import { type Flattening, flatten } from './spf-flatten.ts';
import { readMacros } from './spf-macro.ts';
import { readNode, type SpfNode, sum, targetOf, type Walk } from './spf-tree.ts';
import type { Asked, Gathered, Known } from './types.ts';

export type SpfShown = SpfNode & {
  asked: Asked;
  status: DnsStatus;
  /** The record as its strings. */
  strings: string[];
  /** All records that begin with v=spf1. */
  records: string[];
  /** The tree was too large; `lookups` is at least that. */
  truncated: boolean;
  voidLookupsFor4: number;
  voidLookupsFor6: number;
  /** What the addresses of this domain's mail would be told. */
  evaluations: (SpfVerdict & { ip: string })[];
  /** Where there are too many lookups: what could be written out. */
  flattening: Flattening | null;
};
export type SpfFacts = Gathered<SpfShown> & {
  /** TXT records that are meant as SPF and are none, and those of Sender ID. */
  mistaken: string[];
  senderId: string[];
  /** Records of the type SPF, which was taken away. */
  oldType: string[];
  /** Bytes of all TXT records of the domain together. */
  textBytes: number;
  /** `exp=`: what stands there, where it is wrong. */
  explanation: 'none' | 'ok' | 'missing' | 'several' | 'invalid' | 'unasked';
};

export function readSpf(known: Known, answers: Answers): SpfFacts {
  const unasked = new UnaskedList();
  const { domain } = known;
  const answer = unasked.note(domain, 'TXT', answers.get(domain, 'TXT'));
  const oldType = recordsOf(answers.get(domain, 'SPF')).map((strings) => strings.join(''));
  const texts = textsOf(answer);
  const records = texts.filter(isSpfRecord);
  const [record] = records;
  const walk: Walk = { answers, unasked, sender: domain, terms: 0, characters: 0, truncated: false };
  const node = readNode(walk, domain, records.length === 1 && record !== undefined ? record : null, []);
  const only = records.length === 1;
  return {
    asked: askedOf(answer, records.length > 0),
    shown: {
      ...node,
      asked: askedOf(answer, records.length > 0),
      status: answer?.status ?? 'timeout',
      strings: only ? (recordsOf(answer).find((strings) => isSpfRecord(strings.join(''))) ?? []) : [],
      records,
      truncated: walk.truncated,
      voidLookupsFor4: sum(node.terms, (term) => term.voidFor4),
      voidLookupsFor6: sum(node.terms, (term) => term.voidFor6),
      evaluations: known.ips.flatMap((ip) => {
        const client = { ip, sender: `postmaster@${domain}`, helo: domain, receiver: 'unknown', now: known.now };
        const verdict = evaluateSpf(client, answers);
        return verdict === null ? [] : [{ ip, ...verdict }];
      }),
      // It weighs every network against every other: once, when all of them are known.
      flattening: answers.isComplete ? flatten(node) : null,
    },
    unasked: unasked.list,
    mistaken: texts.filter(looksLikeSpf),
    senderId: texts.filter(isSenderId),
    oldType,
    textBytes: sum(recordsOf(answer).flat(), (text) => Buffer.byteLength(text) + 1),
    explanation: readExplanation(walk, node),
  };
}

/** The explanation of the record itself; those of included ones are never shown (§6.2). */
function readExplanation(walk: Walk, node: SpfNode): SpfFacts['explanation'] {
  const exp = node.terms.find((term) => term.name === 'exp');
  if (!exp) return 'none';
  const target = targetOf(walk, node.domain, exp);
  if (target === null) return 'ok';
  const answer = walk.answers.get(target, 'TXT');
  if (answer === null || !says(answer)) return 'unasked';
  const texts = textsOf(answer);
  const [text] = texts;
  if (text === undefined) return 'missing';
  if (texts.length > 1) return 'several';
  return Array.isArray(readMacros(text, 'explanation')) ? 'ok' : 'invalid';
}
