/**
 * From the receiver's words to ours: its Authentication-Results, once believed (trust.ts), become one result per mechanism. Words that
 * RFC 8601 does not know (Outlook's `bestguesspass`, SPF's old `hardfail`) are kept beside as `original`.
 */
import { domainOf, isAligned } from './alignment.ts';
import { addressOf } from './host.ts';
import { addressInComment, type MethodResult, type ReceivedSpf } from './results.ts';
import type { Believed } from './trust.ts';
import {
  AUTHENTICATION_RESULTS,
  type AuthenticationReason,
  type AuthenticationResult,
  type DkimResult,
  type MechanismResult,
  type ReportedAuthentication,
} from './types.ts';

/** @param fromDomain the author domain as we read it, for `aligned` where the receiver names none */
export function readReported(believed: Believed, fromDomain: string | null): ReportedAuthentication | null {
  if (believed.results.length === 0 && believed.receivedSpf === null) return null;
  const results = believed.results.flatMap((source) => source.header.results);
  // The topmost word on a mechanism counts; signatures are many and all are kept.
  const first = (method: string): MethodResult | undefined => results.find((result) => result.method === method);
  const dmarc = first('dmarc');
  const author = dmarc ? property(dmarc, 'header.from') : null;
  const from = author === null ? fromDomain : domainOf(author);
  const spf = first('spf');
  const reported: ReportedAuthentication = {
    spf: spf ? readSpf(spf, from) : spfFromHeader(believed.receivedSpf, from),
    dkim: bestSignature(results.filter((result) => result.method === 'dkim').map((result) => readDkim(result, from))),
    dmarc: dmarc ? readDmarc(dmarc) : { result: 'none', reason: 'not-reported' },
    sources: believed.results.map((source) => ({
      authservId: source.header.authservId ?? '',
      headerIndex: source.headerIndex,
    })),
  };
  const besides = believed.receivedSpf?.parsed;
  if (spf && besides?.clientIp && besides.result === spf.result) reported.spf.clientIp ??= besides.clientIp;
  if (!spf && believed.receivedSpf) {
    reported.sources.push({ authservId: 'received-spf', headerIndex: believed.receivedSpf.headerIndex });
  }
  const arc = first('arc');
  if (arc) reported.arc = withComment(word(arc), arc);
  const compauth = first('compauth');
  if (compauth) {
    reported.compauth = { result: compauth.result };
    if (compauth.reason !== null) reported.compauth.code = compauth.reason;
  }
  return reported;
}

/** Honest mail has one to four; more than this are not kept. */
const MAX_SIGNATURES = 50;

/** The signature that speaks for a mail: an aligned pass, a pass, an aligned failure, the first. */
export function bestSignature(signatures: MechanismResult[]): DkimResult {
  const rank = (one: MechanismResult): number =>
    (one.result === 'pass' ? 0 : 2) + (one.aligned === true ? 0 : 1) + (one.result === 'none' ? 4 : 0);
  const best = signatures.toSorted((a, b) => rank(a) - rank(b))[0];
  const real = signatures.filter((one) => one.result !== 'none' || one.domain !== undefined);
  const kept = real.filter((one, index) => index < MAX_SIGNATURES || one === best);
  return { ...(best ?? { result: 'none', reason: 'not-reported' }), signatures: kept };
}

const WORDS: ReadonlyMap<string, AuthenticationResult> = new Map<string, AuthenticationResult>([
  ...AUTHENTICATION_RESULTS.map((result): [string, AuthenticationResult] => [result, result]),
  ['hardfail', 'fail'],
  ['bestguesspass', 'none'], // there is no record; Outlook guessed what one would say
  ['error', 'temperror'],
  ['temperr', 'temperror'],
  ['timeout', 'temperror'],
  ['permerr', 'permerror'],
  ['perm_fail', 'permerror'],
  ['temp_fail', 'temperror'],
  ['unknown', 'permerror'], // RFC 4408's predecessor
]);

function word(method: MethodResult): MechanismResult {
  const known = WORDS.get(method.result);
  const out: MechanismResult = { result: known ?? 'neutral' };
  if (known !== method.result) out.original = method.result.slice(0, 60);
  return out;
}

function readSpf(method: MethodResult, from: string | null): MechanismResult {
  const out = word(method);
  const mailfrom = property(method, 'smtp.mailfrom', 'smtp.mail', 'smtp.envelope-from');
  const helo = property(method, 'smtp.helo');
  if (mailfrom) {
    out.domain = domainOf(mailfrom);
    out.identity = 'mailfrom';
    if (mailfrom.includes('@')) out.envelopeFrom = mailfrom;
  } else if (helo) {
    out.domain = domainOf(helo);
    out.identity = 'helo';
  }
  if (helo) out.helo = helo;
  const ip =
    property(method, 'smtp.remote-ip', 'policy.iprev') ??
    method.comments.map((comment) => addressInComment(comment) ?? clientIpIn(comment)).find((found) => found !== null);
  const address = addressOf(ip ?? '');
  if (address !== null) out.clientIp = address;
  align(out, from);
  setReason(out, spfReason(out));
  return withComment(out, method);
}

function spfFromHeader(source: Believed['receivedSpf'], from: string | null): MechanismResult {
  if (source === null) return { result: 'none', reason: 'not-reported' };
  const parsed: ReceivedSpf = source.parsed;
  const properties = new Map<string, string>();
  const envelopeFrom =
    parsed.pairs.get('envelope-from') ??
    /\bdomain of (?:transitioning )?(\S{1,320})\s/i.exec(parsed.comment ?? '')?.[1];
  const helo = parsed.pairs.get('helo');
  if (envelopeFrom) properties.set('smtp.mailfrom', envelopeFrom.replace(/^<|>$/g, ''));
  if (helo) properties.set('smtp.helo', helo);
  if (parsed.clientIp) properties.set('smtp.remote-ip', parsed.clientIp);
  const comments = parsed.comment === null ? [] : [parsed.comment];
  return readSpf({ method: 'spf', result: parsed.result, reason: null, comments, properties }, from);
}

function spfReason(out: MechanismResult): AuthenticationReason | null {
  if (out.original === 'bestguesspass') return 'spf-guessed';
  if (out.result === 'none') return 'spf-record-missing';
  if (out.result === 'fail' || out.result === 'softfail') return 'spf-ip-not-permitted';
  return out.result === 'temperror' ? 'dns-temporary' : null;
}

function readDkim(method: MethodResult, from: string | null): MechanismResult {
  const out = word(method);
  const domain = property(method, 'header.d') ?? property(method, 'header.i');
  // Outlook writes header.d=none for mail without a signature.
  if (domain && domain !== 'none') out.domain = domainOf(domain);
  const selector = property(method, 'header.s');
  if (selector) out.selector = selector;
  const algorithm = property(method, 'header.a');
  if (algorithm) out.algorithm = algorithm;
  const said = method.comments.join(' ');
  const bits = /\b(\d{3,5})[- ]?bit\b/i.exec(said)?.[1];
  if (bits) out.keyBits = Number(bits);
  align(out, from);
  setReason(out, dkimReason(out, `${method.reason ?? ''} ${said}`));
  return withComment(out, method);
}

/** Receivers say why in words of their own, in comments. */
function dkimReason(out: MechanismResult, said: string): AuthenticationReason | null {
  if (out.result === 'pass') return null;
  if (/body hash|body has been altered/i.test(said)) return 'dkim-body-changed';
  if (/revoked/i.test(said)) return 'dkim-key-revoked';
  if (/no key|key not found|no (?:public )?key|nxdomain/i.test(said)) return 'dkim-key-missing';
  if (/weak|insecure|key too (?:small|short)|unacceptable key/i.test(said)) return 'dkim-key-weak';
  if (/expired/i.test(said)) return 'dkim-expired';
  if (/bad signature|signature (?:did not verify|verification failed)|verification failed/i.test(said)) {
    return 'dkim-header-changed';
  }
  if (out.result === 'none') return 'dkim-not-signed';
  return out.result === 'temperror' ? 'dns-temporary' : null;
}

function readDmarc(method: MethodResult): MechanismResult {
  const out = word(method);
  const from = property(method, 'header.from');
  if (from) out.domain = domainOf(from);
  const said = method.comments.join(' ');
  // Gmail: (p=REJECT sp=REJECT dis=NONE); rspamd: (policy=reject); Yahoo: (p=NONE); Outlook: action=oreject.
  const policy =
    property(method, 'policy.dmarc', 'policy.published-domain-policy') ?? /\bp(?:olicy)?=([a-z]+)/i.exec(said)?.[1];
  if (policy && /^(?:none|quarantine|reject)$/i.test(policy)) out.policy = policy.toLowerCase();
  const disposition = property(method, 'action', 'policy.applied-disposition') ?? /\bdis=([a-z]+)/i.exec(said)?.[1];
  if (disposition) out.disposition = disposition.toLowerCase();
  if (out.result === 'none') out.reason = 'dmarc-record-missing';
  if (out.result === 'temperror') out.reason = 'dns-temporary';
  return withComment(out, method);
}

function align(out: MechanismResult, from: string | null): void {
  if (out.domain !== undefined && from !== null) out.aligned = isAligned(out.domain, from);
}

function setReason(out: MechanismResult, reason: AuthenticationReason | null): void {
  if (reason !== null) out.reason = reason;
}

function property(method: MethodResult, ...names: string[]): string | null {
  for (const name of names) {
    const value = method.properties.get(name)?.trim();
    if (value) return value;
  }
  return null;
}

/** pyspf: "(client-ip=203.0.113.7; envelope-from=…)". */
function clientIpIn(comment: string): string | null {
  return /\bclient-ip=([0-9a-f.:]{3,45})/i.exec(comment)?.[1] ?? null;
}

function withComment(out: MechanismResult, method: MethodResult): MechanismResult {
  const text = [...method.comments, method.reason ?? ''].filter((part) => part !== '').join('; ');
  if (text !== '') out.comment = text.slice(0, 500);
  return out;
}
