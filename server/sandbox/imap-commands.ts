/**
 * Reading IMAP commands (RFC 3501 4 and 9). A command is a line, but a line may stop at `{42}` and go on after 42 raw bytes: a
 * literal. Normally the server must first say "+" before the client sends them; with `{42+}` (LITERAL+, RFC 7888) it does not
 * wait. Out of the pieces come tokens: atoms, strings and lists in brackets.
 *
 * Everything has a limit, since whoever connects may send anything.
 */

export type Token =
  | { kind: 'atom'; text: string }
  | { kind: 'string'; bytes: Buffer }
  | { kind: 'list'; items: Token[] };

/** The client broke the grammar: answered with BAD. */
export type ImapSyntaxError = Error & { imapSyntax: true };

export function syntaxError(message: string): ImapSyntaxError {
  return Object.assign(new Error(message), { imapSyntax: true as const });
}

export type CommandReader = {
  push(chunk: Buffer): void;
  /** No more bytes will come. */
  end(): void;
  /** The pieces of the next command: line, literal, line, literal … line. null at the end, or when a limit was passed. */
  next(): Promise<Buffer[] | null>;
  /** One line alone, as needed after `+` in AUTHENTICATE and IDLE. */
  line(): Promise<Buffer | null>;
  /** Throws away what is buffered: nothing sent in clear may count after STARTTLS (RFC 9051 11.1). */
  discard(): void;
  /** Why `next` gave up, if it did. */
  excess(): 'line' | 'literal' | null;
};

const MAX_LINE = 65_536;

/** @param maxLiteral the most bytes one command's literals may have now. @param goOn is called when the client waits for "+" */
export function createCommandReader(maxLiteral: () => number, goOn: () => void): CommandReader {
  let chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  let over: 'line' | 'literal' | null = null;
  let wake: (() => void) | null = null;

  const more = async (): Promise<boolean> => {
    if (ended) return false;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    return true;
  };
  const take = (count: number): Buffer => {
    const all = chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
    chunks = count < all.length ? [all.subarray(count)] : [];
    size -= count;
    return all.subarray(0, count);
  };
  const line = async (): Promise<Buffer | null> => {
    let searched = 0;
    for (;;) {
      if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
      const end = chunks[0]?.indexOf(0x0a, searched) ?? -1;
      if (end > MAX_LINE || (end === -1 && size > MAX_LINE)) {
        over = 'line';
        return null;
      }
      if (end !== -1) {
        const found = take(end + 1);
        return found.subarray(0, found[end - 1] === 0x0d ? end - 1 : end);
      }
      searched = size;
      if (!(await more())) return null;
    }
  };
  const next = async (): Promise<Buffer[] | null> => {
    const pieces: Buffer[] = [];
    let literals = 0;
    for (;;) {
      const text = await line();
      if (text === null) return null;
      pieces.push(text);
      const marker = /\{(\d{1,12})(\+|-)?\}$/.exec(text.toString('latin1', Math.max(0, text.length - 20)));
      if (marker === null) return pieces;
      const length = Number(marker[1]);
      literals += length;
      if (literals > maxLiteral() || pieces.length > 200) {
        over = 'literal';
        return null;
      }
      if (marker[2] === undefined) goOn();
      while (size < length) if (!(await more())) return null;
      // A copy: a small literal must not keep a large network buffer alive.
      pieces.push(Buffer.from(take(length)));
    }
  };
  return {
    next,
    line,
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      wake?.();
      wake = null;
    },
    end() {
      ended = true;
      wake?.();
      wake = null;
    },
    discard() {
      chunks = [];
      size = 0;
    },
    excess: () => over,
  };
}

const MAX_DEPTH = 25;

/** Tokens of a command's pieces (as `next` gave them). Throws ImapSyntaxError. */
export function tokenize(pieces: Buffer[]): Token[] {
  const stack: Token[][] = [[]];
  const add = (token: Token) => stack.at(-1)?.push(token);
  for (let piece = 0; piece < pieces.length; piece++) {
    const bytes = pieces[piece] ?? Buffer.alloc(0);
    if (piece % 2 === 1) {
      add({ kind: 'string', bytes });
      continue;
    }
    const whole = bytes.toString('latin1');
    const text = piece < pieces.length - 1 ? whole.replace(/~?\{\d+[+-]?\}$/, '') : whole;
    tokenizeLine(text, stack, add);
  }
  if (stack.length !== 1) throw syntaxError('Unbalanced parenthesis');
  return stack[0] ?? [];
}

function tokenizeLine(text: string, stack: Token[][], add: (token: Token) => void): void {
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    if (char === ' ') at++;
    else if (char === '(') {
      if (stack.length > MAX_DEPTH) throw syntaxError('Lists are nested too deeply');
      stack.push([]);
      at++;
    } else if (char === ')') {
      const items = stack.pop();
      if (items === undefined || stack.length === 0) throw syntaxError('Unbalanced parenthesis');
      add({ kind: 'list', items });
      at++;
    } else if (char === '"') {
      const match = /"((?:[^"\\\r\n]|\\["\\])*)"/y;
      match.lastIndex = at;
      const found = match.exec(text);
      if (found === null) throw syntaxError('Bad quoted string');
      add({ kind: 'string', bytes: Buffer.from((found[1] ?? '').replace(/\\(.)/g, '$1'), 'latin1') });
      at = match.lastIndex;
    } else {
      const end = atomEnd(text, at);
      add({ kind: 'atom', text: text.slice(at, end) });
      at = end;
    }
  }
}

/** An atom ends at a space or bracket; `BODY[HEADER.FIELDS (Subject)]<0.100>` is one atom with all that is in its brackets. */
function atomEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && !' ()"'.includes(text[end] ?? '')) {
    if (text[end] === '[' && /^(BODY|BODY\.PEEK|BINARY|BINARY\.PEEK|BINARY\.SIZE)$/i.test(text.slice(start, end))) {
      const close = text.indexOf(']', end);
      if (close === -1) throw syntaxError('Unclosed section');
      end = close;
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (/[\x00-\x1f\x7f]/.test(text[end] ?? '')) throw syntaxError('Control character in an atom');
    end++;
  }
  if (end === start) throw syntaxError('Unexpected character');
  return end;
}

/** The text of an atom or string, or null for a list or nothing. */
export function textOf(token: Token | undefined): string | null {
  if (token === undefined || token.kind === 'list') return null;
  return token.kind === 'atom' ? token.text : token.bytes.toString('utf8');
}

/** The ranges of `1:3,7,9:*`; `*` is the greatest number there is. Throws ImapSyntaxError. */
export function parseSet(text: string | null, greatest: number): [number, number][] {
  if (
    text === null ||
    text.length > 60_000 ||
    !/^(\d{1,10}|\*)(:(\d{1,10}|\*))?(,(\d{1,10}|\*)(:(\d{1,10}|\*))?)*$/.test(text)
  ) {
    throw syntaxError('Bad sequence set');
  }
  return text.split(',').map((range) => {
    const [first = '*', last = first] = range.split(':');
    const a = first === '*' ? greatest : Number(first);
    const b = last === '*' ? greatest : Number(last);
    return a <= b ? [a, b] : [b, a];
  });
}

export function inSet(set: [number, number][], number: number): boolean {
  return set.some(([low, high]) => number >= low && number <= high);
}
