/**
 * Folder names on the wire. IMAP4rev1 writes names outside ASCII in "modified UTF-7" (RFC 3501 5.1.3): `迷惑メール` is
 * `&j,dg0TDhMPww6w-`, and a plain `&` is `&-`. LIST finds names by a pattern in which `*` stands for anything and `%` for
 * anything within one level.
 */

export function encodeFolderName(name: string): string {
  return name.replace(/[^\x20-\x7e]+|&/g, (run) => {
    if (run === '&') return '&-';
    const bytes = Buffer.from(run, 'utf16le').swap16();
    return `&${bytes.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}

/** The name in clear; what is not modified UTF-7 stays as it came (some clients send UTF-8 or a bare `&`). */
export function decodeFolderName(name: string): string {
  return name.replace(/&([A-Za-z0-9+,]*)-/g, (_whole, encoded: string) => {
    if (encoded === '') return '&';
    const bytes = Buffer.from(encoded.replaceAll(',', '/'), 'base64');
    return bytes
      .subarray(0, bytes.length & ~1)
      .swap16()
      .toString('utf16le');
  });
}

/**
 * Whether a LIST pattern fits a name. `/` parts the levels. Works through both from left to right and only ever goes back to the
 * last wildcard, so a pattern of a thousand stars costs no more than length times length.
 */
export function fitsPattern(pattern: string, name: string): boolean {
  let reachable = new Set<number>([0]);
  for (const char of pattern) {
    const next = new Set<number>();
    for (const at of reachable) {
      if (char !== '*' && char !== '%') {
        if (name[at] === char) next.add(at + 1);
        continue;
      }
      for (let to = at; to <= name.length; to++) {
        next.add(to);
        if (char === '%' && name[to] === '/') break;
      }
    }
    if (next.size === 0) return false;
    reachable = next;
  }
  return reachable.has(name.length);
}
