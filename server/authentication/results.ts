/**
 * Authentication-Results (RFC 8601) is where a receiver writes what it found: who writes (authserv-id), then per method a result, perhaps
 * a comment, a reason and properties: `mx.google.com; dkim=pass header.i=@example.com; spf=softfail (…) smtp.mailfrom=…`.
 *
 * Outlook's has no authserv-id and words of its own (`bestguesspass`, `compauth`); the old Yahoo form puts pairs behind the authserv-id.
 * All of that is read here, in one pass over the text, whatever its size; nothing is believed here (see trust.ts).
 */

export type MethodResult = {
  /** Lower case: `spf`, `dkim`, `dmarc`, `arc`, `compauth` … */
  method: string;
  /** The word as written, lower case. */
  result: string;
  reason: string | null;
  comments: string[];
  /** `smtp.mailfrom`, `header.d`, `action` …, names in lower case; the first of each name. */
  properties: Map<string, string>;
};
export type AuthenticationResultsHeader = {
  authservId: string | null;
  results: MethodResult[];
};

/** Nobody reports more; the rest of a hostile header is passed over. */
const MAX_RESULTS = 200;
const MAX_SIGNATURES = 100;
const MAX_PROPERTIES = 50;
const MAX_COMMENTS = 10;
const MAX_TEXT = 500;

/** Methods that may follow another without a semicolon between, as some writers do. */
const METHODS = new Set([
  'spf',
  'dkim',
  'dmarc',
  'arc',
  'compauth',
  'bimi',
  'domainkeys',
  'iprev',
  'auth',
  'sender-id',
  'dkim-adsp',
  'dkim-atps',
  'x-tls',
]);

/** Never throws; what cannot be read is left out. */
export function parseAuthenticationResults(value: string): AuthenticationResultsHeader {
  const scanner = new Scanner(value);
  const header: AuthenticationResultsHeader = { authservId: null, results: [] };
  let current: MethodResult | null = null;
  let segment = 0;
  let signatures = 0;
  /** Within a segment: has its first word been read? */
  let started = false;

  for (;;) {
    const token = scanner.next();
    if (token === null) return header;
    if (token.kind === 'end') {
      segment++;
      started = false;
      continue;
    }
    if (token.kind === 'comment') {
      if (current !== null && current.comments.length < MAX_COMMENTS) current.comments.push(token.text);
      continue;
    }
    if (token.kind === 'word') {
      if (segment === 0 && !started) header.authservId = token.text.slice(0, MAX_TEXT);
      started = true;
      continue;
    }
    const key = token.key.toLowerCase();
    // `dkim/1=pass`: the version of the method says nothing yet.
    const method = key.split('/', 1)[0] ?? key;
    const isFirst = !started;
    started = true;
    const isProperty = key.includes('.') || key === 'reason';
    // Behind an authserv-id the first segment holds no result; the old Yahoo form has `from=` there.
    const opens = !isProperty && (METHODS.has(method) || (isFirst && segment > 0));
    if (opens) {
      current = { method, result: token.value.toLowerCase(), reason: null, comments: [], properties: new Map() };
      // Many signatures must not push the other methods out.
      const many = method === 'dkim' ? ++signatures > MAX_SIGNATURES : header.results.length >= MAX_RESULTS;
      if (!many) header.results.push(current);
    } else if (current !== null) {
      if (key === 'reason' && current.reason === null) current.reason = token.value;
      else if (!current.properties.has(key) && current.properties.size < MAX_PROPERTIES) {
        current.properties.set(key, token.value);
      }
    }
  }
}

export type ReceivedSpf = {
  result: string;
  comment: string | null;
  /** `client-ip`, `envelope-from`, `helo`, `receiver`, `identity` …, names in lower case. */
  pairs: Map<string, string>;
  /** The address, from `client-ip=` or from the comment ("designates 203.0.113.7 as permitted sender"). */
  clientIp: string | null;
};

/** Received-SPF (RFC 7208 §9.1). Null when it does not begin with a result. */
export function parseReceivedSpf(value: string): ReceivedSpf | null {
  const scanner = new Scanner(value);
  const first = scanner.next();
  if (first?.kind !== 'word') return null;
  const out: ReceivedSpf = { result: first.text.toLowerCase(), comment: null, pairs: new Map(), clientIp: null };
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (token.kind === 'comment' && out.comment === null) out.comment = token.text;
    if (token.kind === 'pair' && out.pairs.size < MAX_PROPERTIES) {
      const key = token.key.toLowerCase();
      if (!out.pairs.has(key)) out.pairs.set(key, token.value);
    }
  }
  out.clientIp = out.pairs.get('client-ip') ?? addressInComment(out.comment ?? '');
  return out;
}

/** "… designates 203.0.113.7 as permitted sender", "(sender IP is 203.0.113.7)". */
export function addressInComment(comment: string): string | null {
  return (
    /(?:designates?|sender ip is|best guess record for domain of \S+ designates)\s+([0-9a-f.:]{3,45})(?=[\s)]|$)/i.exec(
      comment,
    )?.[1] ?? null
  );
}

type Token =
  | { kind: 'end' }
  | { kind: 'comment'; text: string }
  | { kind: 'word'; text: string }
  | { kind: 'pair'; key: string; value: string };

/** One pass over RFC 8601's grammar: words, `key=value` pairs, comments, semicolons. Each character is looked at once or twice. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token | null {
    this.#blanks();
    const char = this.#text[this.#at];
    if (char === undefined) return null;
    if (char === ';') {
      this.#at++;
      return { kind: 'end' };
    }
    if (char === '(') return { kind: 'comment', text: this.#comment() };
    const key = char === '"' ? this.#quoted() : this.#run(true);
    // RFC 8601 allows blanks around "=".
    this.#blanks();
    if (this.#text[this.#at] === '=' && key !== '') {
      this.#at++;
      this.#blanks();
      return { kind: 'pair', key, value: this.#value() };
    }
    if (key === '') {
      // A stray "=" or ")" or an empty quoted string stands for nothing; a million of them cost no stack.
      if (char !== '"') this.#at++;
      return { kind: 'comment', text: '' };
    }
    return { kind: 'word', text: key };
  }

  #blanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #run(stopAtEquals: boolean): string {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (isBlank(code) || code === 0x3b || code === 0x28 || code === 0x29) break;
      if (stopAtEquals && code === 0x3d) break;
      if (code === 0x22) break;
    }
    return this.#text.slice(start, Math.min(this.#at, start + MAX_TEXT));
  }

  /** A value may be a quoted local part and then more: `"odd one"@example.com`. */
  #value(): string {
    let out = '';
    for (;;) {
      const char = this.#text[this.#at];
      const start = this.#at;
      const piece = char === '"' ? this.#quoted() : this.#run(false);
      if (out.length < MAX_TEXT) out += piece;
      if (this.#at === start) return out.slice(0, MAX_TEXT);
    }
  }

  #quoted(): string {
    const start = ++this.#at;
    let out = '';
    let from = start;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '"') break;
      if (char === '\\') {
        if (out.length < MAX_TEXT) out += this.#text.slice(from, Math.min(this.#at, from + MAX_TEXT));
        from = ++this.#at;
      }
    }
    if (out.length < MAX_TEXT) out += this.#text.slice(from, Math.min(this.#at, from + MAX_TEXT));
    this.#at++;
    return out.slice(0, MAX_TEXT);
  }

  /** Comments nest (RFC 5322 §3.2.2); the text comes without the outer brackets. One that never ends goes to the end. */
  #comment(): string {
    const start = this.#at + 1;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '\\') this.#at++;
      else if (char === '(') depth++;
      else if (char === ')' && --depth === 0) break;
    }
    const text = this.#text.slice(start, Math.min(this.#at, start + MAX_TEXT));
    this.#at++;
    return text.replace(/\s+/g, ' ').trim();
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
