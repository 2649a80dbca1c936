/**
 * Anybody can write `Authentication-Results: mx.google.com; dkim=pass` into a mail. Only what the receiver itself wrote counts, and that
 * is known by two things together: its own authserv-id, and a place above the Received line where the mail came in
 * (RFC 8601 §5 and §7.1). All others are ignored, and listed with why, because a forged pass is worth knowing of.
 */
import { domainOf, isAligned } from './alignment.ts';
import { type BoundaryFinding, boundaryStyle } from './boundary.ts';
import type { HeaderField } from './headers.ts';
import { matchesHost } from './host.ts';
import { parseReceived } from './received.ts';
import {
  type AuthenticationResultsHeader,
  parseAuthenticationResults,
  parseReceivedSpf,
  type ReceivedSpf,
} from './results.ts';
import type { IgnoredHeader, IgnoredReason, TrustRules } from './types.ts';

export type Believed = {
  results: { header: AuthenticationResultsHeader; headerIndex: number }[];
  /** The topmost Received-SPF of the provider's own. */
  receivedSpf: { parsed: ReceivedSpf; headerIndex: number } | null;
  ignored: IgnoredHeader[];
};

/** More than this is an attack; the rest is neither believed nor listed. */
const MAX_HEADERS = 200;
/** How much of an ignored header is kept as evidence. */
const MAX_EVIDENCE = 300;

export function selectBelieved(
  fields: readonly HeaderField[],
  rules: TrustRules,
  finding: Pick<BoundaryFinding, 'ownUntil' | 'lineIndex'>,
): Believed {
  const believed: Believed = { results: [], receivedSpf: null, ignored: [] };
  const beneath = beneathBlock(fields, rules, finding.lineIndex);
  const ids = authservIds(fields, rules);
  let seen = 0;
  for (const field of fields) {
    if (field.key === 'received-spf' && believed.receivedSpf === null) {
      const parsed = field.index < finding.ownUntil || beneath.has(field.index) ? parseReceivedSpf(field.value) : null;
      if (parsed) believed.receivedSpf = { parsed, headerIndex: field.index };
    }
    if (field.key !== 'authentication-results') continue;
    if (++seen > MAX_HEADERS) break;
    const header = parseAuthenticationResults(field.value);
    const why = whyNot(field, header, { rules, ids, finding, beneath, believed });
    if (why === null) {
      believed.results.push({ header, headerIndex: field.index });
    } else {
      const value = field.value.slice(0, MAX_EVIDENCE);
      believed.ignored.push({ headerIndex: field.index, authservId: header.authservId, why, value });
    }
  }
  return believed;
}

function whyNot(
  field: HeaderField,
  header: AuthenticationResultsHeader,
  context: {
    rules: TrustRules;
    ids: readonly string[];
    finding: Pick<BoundaryFinding, 'ownUntil'>;
    beneath: ReadonlySet<number>;
    believed: Believed;
  },
): IgnoredReason | null {
  const { rules, ids, finding, beneath, believed } = context;
  const known = matchesHost(header.authservId, ids);
  if (rules.style === 'outlook') {
    // Outlook signs nothing with its name; its one header stands above every other.
    if (header.authservId !== null && !known) return 'foreign-authserv-id';
    if (field.index >= finding.ownUntil) return 'below-boundary';
    return believed.results.length > 0 ? 'not-topmost' : null;
  }
  if (header.authservId === null) return header.results.length > 0 ? 'no-authserv-id' : 'unreadable';
  if (!known) return 'foreign-authserv-id';
  if (field.index < finding.ownUntil) return null;
  if (!beneath.has(field.index)) return 'below-boundary';
  return believed.results.length === 0 || addsTo(believed, header) ? null : 'not-topmost';
}

/**
 * OpenDMARC and OpenDKIM write one header each, one right beneath the other. A second one beneath the boundary may add what the topmost
 * left out, if the topmost holds the DMARC verdict (so that no sender can bring one along) and is not contradicted by it.
 */
function addsTo(believed: Believed, header: AuthenticationResultsHeader): boolean {
  const known = believed.results.flatMap((source) => source.header.results);
  const dmarc = known.find((result) => result.method === 'dmarc');
  const sameWriter = believed.results[0]?.header.authservId?.toLowerCase() === header.authservId?.toLowerCase();
  if (!dmarc || !sameWriter) return false;
  const author = dmarc.properties.get('header.from');
  return header.results.every((result) => {
    if (known.some((other) => other.method === result.method)) return false;
    if (result.method === 'dmarc' || result.result !== 'pass' || dmarc.result === 'pass')
      return result.method !== 'dmarc';
    const domain = ['header.d', 'header.i', 'smtp.mailfrom'].map((name) => result.properties.get(name)).find(Boolean);
    return author !== undefined && domain !== undefined && !isAligned(domainOf(domain), domainOf(author));
  });
}

/** The names to believe; without any, only the host that wrote the topmost Received line. */
function authservIds(fields: readonly HeaderField[], rules: TrustRules): readonly string[] {
  if (rules.authservIds.length > 0 || rules.style === 'outlook') return rules.authservIds;
  const top = fields.find((field) => field.key === 'received');
  const host = top ? parseReceived(top.value, top.index).by : null;
  return host === null ? [] : [host];
}

/** What filters write beside their results: rspamd, SpamAssassin, OpenDKIM, OpenDMARC, ARC sealers. */
const TRACE = /^(authentication-results$|received-spf$|arc-|dkim-filter$|dmarc-filter$|x-spam|x-rspamd|x-virus)/;

/** Gmail and filters behind Postfix write right beneath the Received line: the run of trace headers there, up to anything else. */
function beneathBlock(fields: readonly HeaderField[], rules: TrustRules, lineIndex: number | null): Set<number> {
  const block = new Set<number>();
  if (lineIndex === null || !(rules.beneathBoundary ?? boundaryStyle(rules) === 'gmail')) return block;
  for (let index = lineIndex + 1; index < fields.length; index++) {
    const key = fields[index]?.key ?? '';
    if (!TRACE.test(key)) return block;
    block.add(index);
  }
  return block;
}
