/**
 * What a broken SPF record was most likely meant to be: `ipv4:` for `ip4:`, a missing space before `-all`, an address behind `a:`, a comma too many. Nothing is
 * guessed that could let other addresses pass: where a term cannot be mended for certain there is no proposal.
 */
import { readNetwork } from './network.ts';
import { MOST_CHARACTERS, parseSpf, SPF_MECHANISMS } from './spf.ts';

/** @returns a record without mistakes, or null */
export function repairSpf(record: string): string | null {
  if (record.length > MOST_CHARACTERS) return null;
  const text = record
    .replace(/[“”]/g, '"')
    .replace(/["\\]/g, '')
    .replace(/[\t\r\n\u00a0]+/g, ' ')
    // `include: example.com`, `ip4: 192.0.2.1`
    .replace(/\b(include|ip4|ip6|exists|redirect|exp)([:=]) +(?=[^\s:=]+[.:][^\s=]*(?: |$))/gi, '$1$2');
  const [, ...words] = text.split(/ +/).filter((word) => word !== '');
  const terms = words.flatMap(repairTerm);
  const repaired = ['v=spf1', ...terms].join(' ');
  return parseSpf(repaired).problems.length === 0 ? repaired : null;
}

function good(term: string): boolean {
  return parseSpf(`v=spf1 ${term}`).problems.length === 0;
}

function repairTerm(word: string): string[] {
  if (good(word)) return [word];
  const bare = word.replace(/^[,;]+|[,;.]+$/g, '');
  if (bare === '') return [];
  // Commas between terms, as in a list for people.
  if (/[,;]/.test(bare)) return bare.split(/[,;]+/).flatMap(repairTerm);
  for (const attempt of [bare, ...attempts(bare)])
    if (attempt !== '' && attempt.split(' ').every(good)) return attempt.split(' ');
  return [word];
}

function* attempts(term: string): Generator<string> {
  const [, sign = '', body = ''] = /^([+\-~?]?)(.*)$/.exec(term) ?? [];
  const address = (text: string): string | null => {
    const network = readNetwork(text.replace(/^\[|\](?=$|\/)/g, ''));
    return network === null ? null : `${sign}ip${network.family}:${text.replace(/^\[|\](?=$|\/)/g, '')}`;
  };
  // A bare address, one behind `a:` or `mx:`, one of the other family, `ipv4:`, `ip4=`.
  const value = /^(?:(?:a|mx|ip|ip4|ip6|ipv4|ipv6)[:=])?(.+)$/i.exec(body)?.[1] ?? '';
  const network = address(value);
  if (network !== null) yield network;
  yield term.replace(/^(redirect|exp):/i, '$1=');
  // `ip4:192.0.2.1-all`, `include:a.exampleinclude:b.example`
  yield term.replace(/^(.+[^+\-~?])([+\-~?]all)$/i, '$1 $2');
  yield term.replace(/(.)(?=(?:include|exists|ip4|ip6):)/gi, '$1 ');
  const [, name = '', rest = ''] = /^([a-z0-9]+)(.*)$/i.exec(body) ?? [];
  const near = SPF_MECHANISMS.filter(
    (known) => known.length > 2 && distance(known, name.toLowerCase()) <= (known.length > 4 ? 2 : 1),
  );
  if (near.length === 1) yield `${sign}${near[0]}${rest}`;
}

/** Letters to add, drop or change; two that stand in each other's place count once. Both words are short. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((rows[i - 1]?.[j] ?? 9) + 1, (row[j - 1] ?? 9) + 1, (rows[i - 1]?.[j - 1] ?? 9) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 9) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 9;
}
