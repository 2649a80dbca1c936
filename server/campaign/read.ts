/** One mail read and judged by all checks that need nothing but its bytes. Pure; runs in a thread (reader.ts). */
import { checkClients } from './checks/clients.ts';
import { checkContent } from './checks/content.ts';
import { checkHeaders } from './checks/headers.ts';
import { checkHtml } from './checks/html.ts';
import { checkLinks } from './checks/links.ts';
import { checkMarkup } from './checks/markup.ts';
import { checkStructure } from './checks/structure.ts';
import { checkUnsubscribe } from './checks/unsubscribe.ts';
import { readMessage } from './message.ts';
import type { Facts, Finding } from './types.ts';

export type Read = { facts: Facts; findings: Finding[] };

/** @param now epoch milliseconds */
export function readCampaign(raw: Buffer, now: number): Read {
  const facts = readMessage(raw);
  return {
    facts,
    findings: [
      ...checkStructure(facts),
      ...checkHeaders(facts, now),
      ...checkContent(facts),
      ...checkUnsubscribe(facts),
      ...checkHtml(facts),
      ...checkMarkup(facts),
      ...checkClients(facts),
      ...checkLinks(facts),
    ],
  };
}
