/**
 * Authentication answers one question: may the name in From be believed? SPF asks whether the connecting IP may use the envelope
 * domain (RFC 7208), DKIM whether a domain signed the text (RFC 6376), DMARC whether one of the two belongs to the From domain
 * (RFC 9989), ARC what earlier hands on the way had seen (RFC 8617).
 *
 * Two facts stand apart and are never merged: `reported` is what the receiver wrote into Authentication-Results,
 * `verified` is what we computed from the raw message. All types here are plain data that survives JSON.
 */

/** RFC 8601 §2.7: the only words a result may have. */
export const AUTHENTICATION_RESULTS = [
  'none',
  'pass',
  'fail',
  'softfail',
  'neutral',
  'policy',
  'temperror',
  'permerror',
] as const;
export type AuthenticationResult = (typeof AUTHENTICATION_RESULTS)[number];

export const MECHANISMS = ['spf', 'dkim', 'dmarc', 'arc'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/** Why a result is what it is: a closed set; sentences in server/words. Absent on a plain pass and where a receiver gave none. */
export const AUTHENTICATION_REASONS = [
  // any mechanism
  'not-reported', // the receiver's headers say nothing about it
  'not-checked', // nothing to check it against: no author domain, no signature, a chain that is not there
  'dns-temporary', // SERVFAIL, a refusal or no answer: nothing can be said now
  'verify-timeout', // took longer than the wall clock allows: hostile or broken mail
  'verify-failed', // the verifier gave up on this message
  'header-too-large', // header over 256 KiB or 5,000 lines: not handed to the verifier
  'message-too-large', // over 25 MB: only the header is known, so signatures over the body cannot be checked
  'strict-reading', // lenient receivers accept it, the RFC does not
  // SPF
  'spf-not-recheckable', // the hop from outside into the provider could not be told from the headers
  'spf-record-missing',
  'spf-ip-not-permitted',
  'spf-syntax',
  'spf-multiple-records',
  'spf-too-many-lookups',
  'spf-too-many-void-lookups',
  'spf-include-missing', // an include or redirect names a domain without an SPF record
  'spf-domain-invalid',
  'spf-guessed', // Outlook's bestguesspass: there is no record, the receiver guessed
  // DKIM
  'dkim-not-signed',
  'dkim-body-changed',
  'dkim-header-changed', // the body hash fits, the signature does not: a signed header changed, or the key is another
  'dkim-key-missing',
  'dkim-key-revoked',
  'dkim-key-weak',
  'dkim-key-invalid',
  'dkim-algorithm-weak', // rsa-sha1
  'dkim-expired',
  'dkim-syntax',
  'dkim-testing', // t=y: a failure counts as unsigned
  'dkim-body-partly-signed', // l= leaves text unsigned
  // DMARC
  'dmarc-record-missing',
  'dmarc-record-invalid',
  'dmarc-not-aligned', // something passed, but for another domain
  'dmarc-nothing-passed', // neither SPF nor DKIM passed
  'dmarc-no-author', // no From, or none with a domain
  'dmarc-from-ambiguous', // several From fields or several author domains: RFC 9989 §5.3.1 has no answer
  'dmarc-from-dkim-alone', // SPF could not be checked again, so only DKIM was weighed
  // ARC
  'arc-missing',
  'arc-broken',
] as const;
export type AuthenticationReason = (typeof AUTHENTICATION_REASONS)[number];

/** What one mechanism said. */
export type MechanismResult = {
  result: AuthenticationResult;
  reason?: AuthenticationReason;
  /** SPF: the domain that was checked; DKIM: `d=`; DMARC: the From domain; ARC: the newest sealer. */
  domain?: string;
  /** DKIM and ARC: `s=`. */
  selector?: string;
  /** DKIM: `rsa-sha256`, `ed25519-sha256`. */
  algorithm?: string;
  /** DKIM: size of the public key in bits. */
  keyBits?: number;
  /** Whether `domain` belongs to the From domain, as DMARC sees it. */
  aligned?: boolean;
  /** DMARC: the policy that applies (`none`, `quarantine`, `reject`), after sp, np and t=y. */
  policy?: string;
  /** DMARC: where the record stands. */
  policyDomain?: string;
  /** DMARC: what the receiver says it did (`action=`, `dis=`). */
  disposition?: string;
  /** SPF: which identity was checked. */
  identity?: 'mailfrom' | 'helo';
  clientIp?: string;
  helo?: string;
  envelopeFrom?: string;
  /** The DNS record the result rests on. */
  record?: string;
  /** SPF: DNS questions that count against 10, and those of them without an answer, against 2 (RFC 7208 §4.6.4). */
  lookups?: number;
  voidLookups?: number;
  /** The word the writer used when it is no word of RFC 8601 (`bestguesspass`, `hardfail`). */
  original?: string;
  /** What the writer said beside it, for people; at most 500 characters. */
  comment?: string;
};

/** DKIM: the best signature (an aligned pass before a pass before the rest), and all of them in order. */
export type DkimResult = MechanismResult & { signatures: MechanismResult[] };

/** Microsoft's composite verdict over all mechanisms. */
export type CompositeResult = { result: string; code?: string };

/** What the receiver wrote. A mechanism it left out is `none` with the reason `not-reported`. */
export type ReportedAuthentication = {
  spf: MechanismResult;
  dkim: DkimResult;
  dmarc: MechanismResult;
  arc?: MechanismResult;
  compauth?: CompositeResult;
  /** The headers it was read from, topmost first; `headerIndex` counts header fields from 0 at the top. */
  sources: { authservId: string; headerIndex: number }[];
};

/** What we computed from the raw message and DNS. */
export type VerifiedAuthentication = {
  spf: MechanismResult;
  dkim: DkimResult;
  dmarc: MechanismResult;
  arc: MechanismResult;
};

/** How to find the hop from outside into a provider's system; each family writes its Received lines in its own way. */
export const BOUNDARY_STYLES = ['gmail', 'outlook', 'yahoo', 'yahoo-japan', 'gmx', 'icloud', 'generic'] as const;
export type BoundaryStyle = (typeof BOUNDARY_STYLES)[number];

/**
 * Which words in a header are the provider's own. Names are exact (`mx.google.com`) or a suffix (`*.mail.yahoo.com`, which
 * also takes `mail.yahoo.com` itself); case does not matter.
 */
export type TrustRules = {
  /** Authserv-ids whose Authentication-Results are believed. Empty: only one equal to the receiving host, above its Received line. */
  authservIds: readonly string[];
  /** `outlook`: no authserv-id at all; the topmost header is the provider's. */
  style: 'rfc8601' | 'outlook';
  /** Hosts of the provider as they stand behind `by` in Received. Absent: those known for the boundary style, and the authserv-ids. */
  ownReceived?: readonly string[];
  /** Absent: worked out from `style` and `authservIds`. */
  boundary?: BoundaryStyle;
  /**
   * May a header directly beneath the boundary Received line be believed? Gmail and filters behind Postfix
   * (rspamd) write there; so can a sender, wherever the receiver writes none, so only the topmost one counts. Absent: yes for the boundary style `gmail`, else no.
   */
  beneathBoundary?: boolean;
};

/** TLS of one hop: null when the line shows plain SMTP, `unknown` when it says nothing either way. */
export type HopTls = { version?: string; cipher?: string } | null | 'unknown';

/** One Received line, as a step of the way. */
export type Hop = {
  /** The name the client gave (HELO), or the word behind `from`. */
  from: string | null;
  /** The name the server found for the client's address. */
  fromName: string | null;
  fromIp: string | null;
  by: string | null;
  /** `ESMTPS`, `LMTP`, `HTTPS` … as written. */
  with: string | null;
  tls: HopTls;
  id: string | null;
  for: string | null;
  /** Epoch milliseconds; null when the line has no date that can be read. */
  at: number | null;
  /** Since the hop before; null for the first and where a date is missing. Never negative. */
  delayMs: number | null;
  /** `clock-behind`: this hop's clock stands before the one before, the delay is shown as 0. */
  note?: 'clock-behind';
  /** Index of the header field, from 0 at the top. */
  headerIndex: number;
};

/** The connection from outside, as the provider saw it. */
export type BoundaryHop = {
  ip: string;
  helo: string | null;
  /** The envelope sender; empty for `<>` (a bounce); `@example.com` when only the domain is told; null when nothing is. */
  envelopeFrom: string | null;
  /** Where it was read: the evidence. */
  how:
    | 'received' // the first Received line written by the provider for a client outside
    | 'received-spf' // Received-SPF client-ip=
    | 'authentication-results' // Outlook: "sender IP is"
    | 'antispam-report' // X-Forefront-Antispam-Report CIP:
    | 'x-originating-ip';
  headerIndex: number;
};
export type Boundary = BoundaryHop | { reason: 'spf-not-recheckable'; why: BoundaryProblem };
export type BoundaryProblem =
  | 'no-received'
  | 'no-own-received' // no line written by the provider
  | 'no-client-address' // the line has no address
  | 'internal' // the mail never came in from outside
  | 'header-too-large';

/** What a verification needs to know of the connection. */
export type SmtpClient = { ip: string; helo: string | null; envelopeFrom: string | null };

/** Why a header that looks like evidence was not believed. */
export type IgnoredReason =
  | 'foreign-authserv-id'
  | 'below-boundary' // it came with the message
  | 'not-topmost'
  | 'no-authserv-id'
  | 'unreadable';
export type IgnoredHeader = { headerIndex: number; authservId: string | null; why: IgnoredReason; value: string };

/** Everything that can be read from the headers alone. */
export type Judgement = {
  reported: ReportedAuthentication | null;
  hops: Hop[];
  boundary: Boundary;
  ignored: IgnoredHeader[];
};

/** Why reported and verified do not say the same, most likely cause. */
export const DISAGREEMENT_REASONS = [
  'forwarded', // the mail came in from a forwarder, not from the sender
  'dns-changed-since', // the record or key is not what the receiver saw
  'body-altered', // the text changed after the receiver had checked it
  'receiver-has-own-rules', // bestguesspass, local policy, overrides
  'spf-not-recheckable',
  'strict-reading', // we follow the RFC where the receiver is lenient
  'temporary-dns', // one of the two got no answer
  'not-verified', // we could not check: time, size
  'unexplained',
] as const;
export type DisagreementReason = (typeof DISAGREEMENT_REASONS)[number];
export type Disagreement = {
  mechanism: Mechanism;
  reported: AuthenticationResult;
  verified: AuthenticationResult;
  reason: DisagreementReason;
  /** Facts for the sentence: domains, selectors, addresses, receivers' words. */
  evidence: Record<string, string | number | boolean>;
};
