/**
 * SPF is about one connection: the one from outside into the provider. To check it again from a delivered mail, that hop must be
 * found among the Received lines, and each provider writes them in its own way; taking the topmost line or the wrong brackets
 * turns good mail into "fail". Where the hop cannot be told for certain the answer is `spf-not-recheckable`, never a guess.
 *
 * Read from the top: lines of the provider's own servers handing the mail among themselves, then the line where its outermost
 * server took the mail from a stranger. Everything below that line came with the mail and may be forged.
 */
import type { HeaderField } from './headers.ts';
import { addressOf, isPrivateAddress, matchesHost } from './host.ts';
import { MAX_HOPS, parseReceived, type ReceivedLine } from './received.ts';
import { addressInComment, parseAuthenticationResults, parseReceivedSpf } from './results.ts';
import type { Boundary, BoundaryHop, BoundaryProblem, BoundaryStyle, TrustRules } from './types.ts';

/** Hosts behind `by` at the providers (real mail, November 2026). */
const OWN_HOSTS: Record<BoundaryStyle, readonly string[]> = {
  gmail: ['*.google.com', '*.gmail.com', '*.googlemail.com'],
  outlook: ['*.outlook.com', '*.outlook.office365.com', '*.hotmail.com'],
  yahoo: ['*.yahoo.com', '*.yahoo.net', '*.yahoodns.net', '*.aol.com'],
  'yahoo-japan': ['*.yahoo.co.jp'],
  gmx: ['*.gmx.net', '*.gmx.com', '*.web.de', '*.kundenserver.de', '*.mail.com', '*.1and1.com'],
  icloud: ['*.icloud.com', '*.apple.com', '*.me.com', '*.mac.com'],
  generic: [],
};

export type BoundaryFinding = {
  boundary: Boundary;
  /** Fields with a smaller index were written by the provider. */
  ownUntil: number;
  /** Index of the Received line where the mail came in; null when it was not found. */
  lineIndex: number | null;
};

/** @param fields all header fields, topmost first */
export function findBoundary(fields: readonly HeaderField[], rules: TrustRules): BoundaryFinding {
  const style = boundaryStyle(rules);
  const walk = walkIn(fields, [...(rules.ownReceived ?? OWN_HOSTS[style]), ...rules.authservIds], style);
  const found = style === 'outlook' ? fromOutlook(fields, walk) : walk;
  if (found.hop === null) {
    const hop = fromOwnReceivedSpf(fields, found.ownUntil, style);
    if (hop === null) {
      return {
        boundary: { reason: 'spf-not-recheckable', why: found.problem },
        ownUntil: found.ownUntil,
        lineIndex: null,
      };
    }
    found.hop = hop;
  }
  const envelopeFrom = findEnvelopeFrom(fields, found.ownUntil, found.line, rules);
  return {
    boundary: { ...found.hop, envelopeFrom },
    ownUntil: found.ownUntil,
    lineIndex: found.line?.headerIndex ?? null,
  };
}

/** The style that the rules name, or the one their authserv-ids suggest. */
export function boundaryStyle(rules: TrustRules): BoundaryStyle {
  if (rules.boundary) return rules.boundary;
  if (rules.style === 'outlook') return 'outlook';
  const named = (['gmail', 'yahoo-japan', 'yahoo', 'gmx', 'icloud'] as const).find((style) =>
    rules.authservIds.some((id) => matchesHost(id.replace(/^\*\./, ''), OWN_HOSTS[style])),
  );
  return named ?? 'generic';
}

type Walk = {
  hop: Omit<BoundaryHop, 'envelopeFrom'> | null;
  line: ReceivedLine | null;
  ownUntil: number;
  problem: BoundaryProblem;
};

/** From the top through the provider's own lines to the one that names a stranger. */
function walkIn(fields: readonly HeaderField[], own: readonly string[], style: BoundaryStyle): Walk {
  const walk: Walk = { hop: null, line: null, ownUntil: 0, problem: 'no-received' };
  let before: ReceivedLine | null = null;
  for (const field of fields.filter((candidate) => candidate.key === 'received').slice(0, MAX_HOPS)) {
    const line = parseReceived(field.value, field.index);
    // The topmost line is the receiver's whatever it calls itself: nobody else could write above it.
    if (before !== null && !isOwnLine(line, before, own)) return walk;
    walk.ownUntil = field.index;
    // A login makes it mail from inside: the provider did not check SPF either.
    if (/^(?:UTF8)?E?SMTPS?A$/i.test(line.with ?? '')) return { ...walk, problem: 'internal' };
    if (line.fromIp !== null && !isInside(line, own, style)) {
      const hop = { ip: line.fromIp, helo: heloOf(line), how: 'received' as const, headerIndex: field.index };
      return { ...walk, hop, line };
    }
    walk.problem = line.from !== null && line.fromIp === null ? 'no-client-address' : 'internal';
    before = line;
  }
  return walk;
}

function isOwnLine(line: ReceivedLine, before: ReceivedLine, own: readonly string[]): boolean {
  if (line.by === null) return line.from === null;
  const byAddress = addressOf(line.by);
  if (byAddress !== null) return isPrivateAddress(byAddress);
  if (!line.by.includes('.') || matchesHost(line.by, own)) return true;
  // A server of the house handed it over and is named here as the one that took it.
  return matchesHost(
    line.by,
    [before.from, before.fromName].filter((name) => name !== null),
  );
}

/** Is the client one of the provider's own servers? Its HELO alone is no proof, unless the address is private anyway. */
function isInside(line: ReceivedLine, own: readonly string[], style: BoundaryStyle): boolean {
  if (line.fromIp === null || /^LMTP/i.test(line.with ?? '')) return true;
  if (isPrivateAddress(line.fromIp)) {
    const names = [...own, 'localhost', '*.localdomain', ...(line.by === null ? [] : [line.by])];
    return matchesHost(line.from, names) || matchesHost(line.fromName, names) || line.from === line.fromIp;
  }
  // Gmail's own senders come in like anybody's.
  return style === 'generic' && matchesHost(line.fromName, own);
}

function heloOf(line: ReceivedLine): string | null {
  // Yahoo and Exim put the address where others put the HELO.
  return line.from === null || line.from === line.fromIp || line.from === 'unknown' ? line.fromName : line.from;
}

/**
 * Outlook's inner lines look like outer ones (public IPv6 addresses of Microsoft), so the lines cannot tell; the topmost
 * Authentication-Results can: "sender IP is". The anti-spam report repeats it as CIP.
 */
function fromOutlook(fields: readonly HeaderField[], walk: Walk): Walk {
  const evidence = outlookEvidence(fields);
  if (evidence === null) {
    // Without it nothing shows where the mail came in: only what stands above all Received lines is Microsoft's.
    const first = fields.find((field) => field.key === 'received')?.index ?? 0;
    return {
      hop: null,
      line: null,
      ownUntil: first,
      problem: walk.problem === 'no-received' ? 'no-received' : 'no-client-address',
    };
  }
  const received = fields.filter((field) => field.key === 'received').slice(0, MAX_HOPS);
  const lines = received.map((field) => parseReceived(field.value, field.index));
  const line = lines.find((candidate) => candidate.fromIp === evidence.ip) ?? null;
  const ownUntil = line?.headerIndex ?? evidence.headerIndex + 1;
  if (evidence.ip === '255.255.255.255') return { hop: null, line: null, ownUntil, problem: 'internal' };
  const helo = line === null ? evidence.helo : heloOf(line);
  return {
    hop: { ip: evidence.ip, helo, how: evidence.how, headerIndex: evidence.headerIndex },
    line,
    ownUntil,
    problem: 'internal',
  };
}

function outlookEvidence(
  fields: readonly HeaderField[],
): { ip: string; helo: string | null; how: BoundaryHop['how']; headerIndex: number } | null {
  const results = fields.find((field) => field.key === 'authentication-results');
  const spf = results && parseAuthenticationResults(results.value).results.find((result) => result.method === 'spf');
  const told = addressOf(spf?.comments.map(addressInComment).find((ip) => ip !== null) ?? '');
  if (results && told !== null) {
    return { ip: told, helo: null, how: 'authentication-results', headerIndex: results.index };
  }
  const reports = fields.filter((field) => field.key === 'x-forefront-antispam-report');
  const report = reports[0];
  // Two of them would mean that one came with the mail.
  if (report === undefined || reports.length > 1) return null;
  const ip = addressOf(/(?:^|;)\s*CIP:([^;\s]+)/i.exec(report.value.slice(0, 4000))?.[1] ?? '');
  const helo = /(?:^|;)\s*H:([^;\s]+)/i.exec(report.value.slice(0, 4000))?.[1] ?? null;
  return ip === null ? null : { ip, helo, how: 'antispam-report', headerIndex: report.index };
}

/** Where no Received line shows an address, the provider's Received-SPF above them may; Yahoo also writes X-Originating-IP. */
function fromOwnReceivedSpf(fields: readonly HeaderField[], ownUntil: number, style: BoundaryStyle): Walk['hop'] {
  for (const field of fields) {
    if (field.index >= ownUntil) return null;
    if (field.key === 'received-spf') {
      const parsed = parseReceivedSpf(field.value);
      const ip = addressOf(parsed?.clientIp ?? '');
      const helo = parsed?.pairs.get('helo') ?? null;
      if (ip !== null) return { ip, helo, how: 'received-spf', headerIndex: field.index };
    }
    if (field.key === 'x-originating-ip' && (style === 'yahoo' || style === 'yahoo-japan')) {
      const ip = addressOf(field.value);
      if (ip !== null) return { ip, helo: null, how: 'x-originating-ip', headerIndex: field.index };
    }
  }
  return null;
}

/** The envelope sender, from what the provider itself wrote: Return-Path, Received-SPF, the results, the boundary line. */
function findEnvelopeFrom(
  fields: readonly HeaderField[],
  ownUntil: number,
  line: ReceivedLine | null,
  rules: TrustRules,
): string | null {
  const own = fields.filter((field) => field.index < ownUntil);
  const returnPath = own.find((field) => field.key === 'return-path');
  if (returnPath) return bareAddress(returnPath.value);
  const told = toldSender(own);
  if (told === null) return line?.envelopeFrom ?? null;
  if (told.includes('@')) return told;
  // Outlook names only the domain; its Return-Path stands below, among headers that a sender could have written.
  const path = rules.style === 'outlook' ? fields.find((field) => field.key === 'return-path') : undefined;
  const full = path ? bareAddress(path.value) : '';
  return full.toLowerCase().endsWith(`@${told.toLowerCase()}`) ? full : `@${told}`;
}

/** The address or domain that Received-SPF or the results name. */
function toldSender(own: readonly HeaderField[]): string | null {
  for (const field of own) {
    if (field.key !== 'received-spf') continue;
    const parsed = parseReceivedSpf(field.value);
    const told = bareAddress(parsed?.pairs.get('envelope-from') ?? domainOfComment(parsed?.comment ?? '') ?? '');
    if (told !== '') return told;
  }
  const results = own.find((field) => field.key === 'authentication-results');
  const spf = results && parseAuthenticationResults(results.value).results.find((result) => result.method === 'spf');
  const told = bareAddress(spf?.properties.get('smtp.mailfrom') ?? spf?.properties.get('smtp.mail') ?? '');
  return told === '' ? null : told;
}

/** "domain of news@example.com designates …". */
function domainOfComment(comment: string): string | null {
  return /\bdomain of (?:transitioning )?([^\s<>()]{1,320})\s/i.exec(comment)?.[1] ?? null;
}

function bareAddress(value: string): string {
  return value
    .replace(/\([^()]{0,500}\)/g, '')
    .trim()
    .replace(/^<\s*/, '')
    .replace(/\s*>.*$/, '')
    .slice(0, 320);
}
