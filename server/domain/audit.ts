/**
 * One check of a domain: each protocol gathers what is published and judges it. A protocol is one row of the table below; adding one is adding a row.
 * All of them ask DNS through one `ask`, so that no question is asked twice, and at the same time.
 */
import type { DnsClient } from '../dns/client.ts';
import { readDkim } from './dkim-facts.ts';
import { judgeDkim } from './dkim-judge.ts';
import { readDmarc } from './dmarc-facts.ts';
import { judgeDmarc } from './dmarc-judge.ts';
import { type Ask, createAsk, lookUp } from './lookup.ts';
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
  type Unasked,
} from './types.ts';

/** What gathering may reach: nothing but this. */
export type Sources = { ask: Ask };

type Row<Facts extends Gathered<unknown>> = {
  protocol: Protocol;
  gather: (known: Known, sources: Sources) => Promise<Facts>;
  judge: (facts: Facts, known: Known) => Finding[];
};

/** Binds the two, so that the table can hold protocols whose facts are of different kinds. */
function row<Facts extends Gathered<unknown>>({ protocol, gather, judge }: Row<Facts>) {
  return {
    protocol,
    examine: async (known: Known, sources: Sources): Promise<Examined<Facts['shown']>> => {
      const facts = await gather(known, sources);
      return { asked: facts.asked, shown: facts.shown, unasked: facts.unasked, findings: judge(facts, known) };
    },
  };
}

type Examined<Shown> = Gathered<Shown> & { findings: Finding[] };

/** The key is the protocol's name under `records`. Those that ask long chains of questions come first, those that ask much at once last. */
const TABLE = {
  spf: row({
    protocol: 'spf',
    gather: (known, { ask }) => lookUp(ask, (answers) => readSpf(known, answers)),
    judge: judgeSpf,
  }),
  dmarc: row({
    protocol: 'dmarc',
    gather: (known, { ask }) => lookUp(ask, (answers) => readDmarc(known, answers)),
    judge: judgeDmarc,
  }),
  dkim: row({
    protocol: 'dkim',
    gather: (known, { ask }) => lookUp(ask, (answers) => readDkim(known, answers)),
    judge: judgeDkim,
  }),
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
  /** Whether each protocol's records were found, are not there, or could not be asked for. */
  asked: Partial<Record<RecordKey, Asked>>;
  /** Questions nobody answered: with any of them, another check may come to another verdict. */
  unasked: Unasked[];
};

/** Never rejects for anything that DNS does. `only`: these protocols and no others. */
export async function auditDomain(
  dns: Pick<DnsClient, 'query'>,
  known: Known,
  only: readonly Protocol[] | null = null,
): Promise<DomainCheck> {
  const sources: Sources = { ask: createAsk(dns) };
  const keys = (Object.keys(TABLE) as RecordKey[]).filter((key) => only === null || only.includes(TABLE[key].protocol));
  const asked = await Promise.all(keys.map(async (key) => [key, await TABLE[key].examine(known, sources)] as const));
  const place = (key: RecordKey): number => PROTOCOLS.indexOf(TABLE[key].protocol);
  const examined = asked.sort(([a], [b]) => place(a) - place(b));
  const findings = examined.flatMap(([, one]) => one.findings);
  return {
    domain: known.domain,
    checkedAt: new Date(known.now).toISOString(),
    records: Object.fromEntries(examined.map(([key, one]) => [key, one.shown])),
    findings: SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity)),
    asked: Object.fromEntries(examined.map(([key, one]) => [key, one.asked])),
    unasked: [
      ...new Map(examined.flatMap(([, one]) => one.unasked).map((one) => [`${one.type} ${one.name}`, one])).values(),
    ],
  };
}
