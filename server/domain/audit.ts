/**
 * One check of a domain: each protocol gathers what is published and judges it. A protocol is one row of the table below; adding one is adding a row.
 * All of them reach the world through one `Reach`, so that nothing is asked, fetched or greeted twice, and at the same time.
 */

import { keyOf, type Question, says, textsOf } from './answers.ts';
import { readDkim } from './dkim-facts.ts';
import { judgeDkim } from './dkim-judge.ts';
import { readDmarc } from './dmarc-facts.ts';
import { judgeDmarc } from './dmarc-judge.ts';
import { lookUp } from './lookup.ts';
import { bimi } from './lookup-bimi.ts';
import { blocklists } from './lookup-blocklists.ts';
import { dane } from './lookup-dane.ts';
import { dnssec } from './lookup-dnssec.ts';
import { mtaSts } from './lookup-mta-sts.ts';
import { mx } from './lookup-mx.ts';
import { ptr } from './lookup-ptr.ts';
import { tlsRpt } from './lookup-tls-rpt.ts';
import type { Unconfirmed } from './memory.ts';
import { createProgress, type Part, type Progress } from './progress.ts';
import { type Proposal, type Proposed, proposeRecords, replacedBy } from './proposals.ts';
import { imagine, type Reach, sparing } from './reach.ts';
import { MAX_LOOKUPS } from './spf-evaluate.ts';
import { readSpf } from './spf-facts.ts';
import { judgeSpf } from './spf-judge.ts';
import {
  type Asked,
  type Finding,
  type Gathered,
  type Known,
  PROTOCOLS,
  type Protocol,
  SEVERITIES,
  type Severity,
  type Unasked,
} from './types.ts';

type Row<Facts extends Gathered<unknown>> = {
  protocol: Protocol;
  /** `tell`: how far it is, in what people count there. */
  gather: (known: Known, reach: Reach, tell: Part['tell']) => Promise<Facts>;
  judge: (facts: Facts, known: Known) => Finding[];
};

/** Binds the two, so that the table can hold protocols whose facts are of different kinds. */
function row<Facts extends Gathered<unknown>>({ protocol, gather, judge }: Row<Facts>) {
  return {
    protocol,
    examine: async (known: Known, reach: Reach, progress: Progress): Promise<Examined<Facts['shown']>> => {
      const part = progress.begin(protocol);
      const { watched, failing, isAsked } = watch(reach, part);
      const facts = await gather(known, watched, part.tell);
      const { asked, shown } = facts;
      const unasked = [...facts.unasked, ...failing()];
      const asksOn = sparing(reach, isAsked);
      const proposed = await proposeRecords(protocol, someOfEach(judge(facts, known)), {
        rejudge: async (published) => {
          const imagined = imagine(asksOn, published, replacedBy(protocol));
          return someOfEach(judge(await gather(known, imagined, () => undefined), known));
        },
        standing: async (name) => {
          const answer = await reach.ask(name, 'TXT');
          return !says(answer) || answer.cnames.length > 0 ? null : textsOf(answer);
        },
      });
      part.end();
      return { asked, shown, unasked, ...proposed };
    },
  };
}

/** More of one kind are the same fault again, each with its record: a hostile one of 64 KB can have as many as it has letters. */
const MOST_ALIKE = 50;

function someOfEach(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, number>();
  return findings.filter(({ id }) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count <= MOST_ALIKE;
  });
}

/** Notes what is asked: where an answer from before stands in, nobody else would know that there was none now. */
function watch(
  reach: Reach,
  part: Part,
): { watched: Reach; failing: () => Unasked[]; isAsked: (question: Question) => boolean } {
  const questions = new Map<string, Question>();
  const waited = <Value>(what: string, answer: Promise<Value>, isServer = false): Promise<Value> => {
    const answered = part.asks(what, isServer);
    return answer.finally(answered);
  };
  const note = (question: Question): void => void questions.set(keyOf(question.name, question.type), question);
  return {
    watched: {
      ...reach,
      ask: (name, type) => {
        note({ name, type });
        return waited(`${type} ${name}`, reach.ask(name, type));
      },
      fetch: (url, options) => waited(url, reach.fetch(url, options)),
      greet: (host) => waited(host, reach.greet(host), true),
      recall: (name, type) => {
        note({ name, type });
        return reach.recall(name, type);
      },
    },
    isAsked: ({ name, type }) => questions.has(keyOf(name, type)),
    failing: () =>
      [...questions].flatMap(([key, question]) => {
        const status = reach.memory?.failing(key) ?? null;
        return status === null ? [] : [{ ...question, status }];
      }),
  };
}

type Examined<Shown> = Gathered<Shown> & Proposed;

/** The key is the protocol's name under `records`. Those that ask long chains of questions come first, those that ask much at once last. */
const TABLE = {
  spf: row({
    protocol: 'spf',
    gather: (known, { ask }, tell) =>
      lookUp(ask, (answers) => {
        const facts = readSpf(known, answers);
        if (facts.shown.record !== null) tell('lookups', facts.shown.lookups, MAX_LOOKUPS);
        return facts;
      }),
    judge: judgeSpf,
  }),
  dmarc: row({
    protocol: 'dmarc',
    gather: (known, { ask }) => lookUp(ask, (answers) => readDmarc(known, answers)),
    judge: judgeDmarc,
  }),
  mx: row(mx),
  mtaSts: row(mtaSts),
  tlsRpt: row(tlsRpt),
  dane: row(dane),
  dnssec: row(dnssec),
  bimi: row(bimi),
  ptr: row(ptr),
  dkim: row({
    protocol: 'dkim',
    gather: (known, { ask }, tell) =>
      lookUp(ask, (answers) => {
        const facts = readDkim(known, answers);
        tell('selectors', facts.answered, facts.tried);
        return facts;
      }),
    judge: judgeDkim,
  }),
  blocklists: row(blocklists),
};
type Table = typeof TABLE;
export type RecordKey = keyof Table;
export type Records = { [Key in RecordKey]: Awaited<ReturnType<Table[Key]['examine']>>['shown'] };

export type DomainCheck = {
  domain: string;
  /** ISO 8601. */
  checkedAt: string;
  records: Partial<Records>;
  /** The gravest first; within one severity in the order of the protocols. */
  findings: Finding[];
  /** What to publish: once for each name and type, in the order of the protocols. */
  proposals: Proposal[];
  /** Whether each protocol's records were found, are not there, or could not be asked for. */
  asked: Partial<Record<RecordKey, Asked>>;
  /** Questions nobody answered, and whose they were: what stands of those protocols rests on answers from before, or another check may come to another verdict. */
  unasked: (Unasked & { protocols: Protocol[] })[];
  /** What was seen to be gone, and is believed only when it is seen again. */
  unconfirmed: Unconfirmed[];
};

/** Never rejects for anything that DNS or a server does. `only`: these protocols and no others. */
export async function auditDomain(
  reach: Reach,
  known: Known,
  only: readonly Protocol[] | null = null,
  progress: Progress = createProgress(reach.app.now),
): Promise<DomainCheck> {
  const keys = (Object.keys(TABLE) as RecordKey[]).filter((key) => only === null || only.includes(TABLE[key].protocol));
  const asked = await Promise.all(
    keys.map(async (key) => [key, await TABLE[key].examine(known, reach, progress)] as const),
  );
  const place = (key: RecordKey): number => PROTOCOLS.indexOf(TABLE[key].protocol);
  const examined = asked.sort(([a], [b]) => place(a) - place(b));
  const findings = examined.flatMap(([, one]) => one.findings);
  return {
    domain: known.domain,
    checkedAt: new Date(known.now).toISOString(),
    records: Object.fromEntries(examined.map(([key, one]) => [key, one.shown])),
    findings: SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity)),
    proposals: examined.flatMap(([, one]) => one.proposals),
    asked: Object.fromEntries(examined.map(([key, one]) => [key, one.asked])),
    unasked: together(examined.map(([key, { unasked }]) => ({ protocol: TABLE[key].protocol, unasked }))),
    unconfirmed: reach.memory?.unconfirmed() ?? [],
  };
}

/** How each protocol stands: whether its records are there, and its worst finding; null: none. */
export type Standings = Partial<Record<RecordKey, { asked: Asked; worst: Severity | null }>>;

export function worstOf({ asked, findings }: Pick<DomainCheck, 'asked' | 'findings'>): Standings {
  const keys = Object.keys(asked) as RecordKey[];
  return Object.fromEntries(
    keys.map((key) => {
      const own = findings.filter((finding) => finding.protocol === TABLE[key].protocol);
      const worst = SEVERITIES.find((severity) => own.some((finding) => finding.severity === severity)) ?? null;
      return [key, { asked: asked[key] ?? 'none', worst }];
    }),
  );
}

/** Each question once, with all protocols that asked it in vain. */
function together(parts: readonly { protocol: Protocol; unasked: readonly Unasked[] }[]): DomainCheck['unasked'] {
  const all = new Map<string, DomainCheck['unasked'][number]>();
  for (const { protocol, unasked } of parts)
    for (const one of unasked) {
      const key = keyOf(one.name, one.type);
      const known = all.get(key);
      if (known === undefined) all.set(key, { ...one, protocols: [protocol] });
      else if (!known.protocols.includes(protocol)) known.protocols.push(protocol);
    }
  return [...all.values()];
}
