/** Asks for a domain's TLS reporting record, and whether the addresses in it take mail; adds nothing. */
import { says, textsOf, UnaskedList } from './answers.ts';
import { STS_BEGINS } from './lookup-mta-sts.ts';
import { chooseTexts, gatherTexts } from './lookup-text.ts';
import type { Reach } from './reach.ts';
import { judgeTlsRpt, readRptRecord, type TlsRptFacts } from './tls-rpt.ts';
import type { Known } from './types.ts';

export const RPT_BEGINS = /^v=TLSRPTv1[ \t]*(?:;|$)/;

/** Whose addresses are looked into. */
const MOST_TARGETS = 20;

export async function gatherTlsRpt({ domain }: Pick<Known, 'domain'>, reach: Reach): Promise<TlsRptFacts> {
  const unasked = new UnaskedList();
  const name = `_smtp._tls.${domain}`;
  const [texts, sts] = await Promise.all([
    gatherTexts(reach, name, domain, RPT_BEGINS, unasked),
    reach.ask(`_mta-sts.${domain}`, 'TXT'),
  ]);
  const { asked, records, others, misplaced } = texts;
  const read = records.length === 1 ? readRptRecord(records[0] ?? '') : null;
  const targets = new Set(read?.addresses.flatMap(({ mailDomain }) => mailDomain ?? []) ?? []);
  const undeliverable = await Promise.all(
    [...targets].slice(0, MOST_TARGETS).map(async (target) => ((await takesNoMail(reach, target)) ? [target] : [])),
  );
  return {
    asked,
    shown: { name, records, others, read, misplaced },
    unasked: unasked.list,
    domain,
    undeliverable: undeliverable.flat(),
    hasPolicy: chooseTexts(textsOf(sts), STS_BEGINS).own.length > 0,
  };
}

/** Neither MX nor address, or a null MX; a question without an answer proves nothing. */
async function takesNoMail(reach: Reach, target: string): Promise<boolean> {
  const mx = await reach.ask(target, 'MX');
  if (!says(mx)) return false;
  if (mx.records.length > 0) return mx.records.every(({ exchange }) => exchange === '.' || exchange === '');
  const addresses = await Promise.all([reach.ask(target, 'A'), reach.ask(target, 'AAAA')]);
  return addresses.every((answer) => says(answer) && answer.records.length === 0);
}

export const tlsRpt = { protocol: 'tls-rpt', gather: gatherTlsRpt, judge: judgeTlsRpt } as const;
