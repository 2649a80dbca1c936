/**
 * Reads the openspf suite for RFC 7208 (`rfc7208-tests.yml`, 2014.04). It uses a small part of YAML: maps and lists by indentation, plain and
 * quoted scalars, `>-` and `|` blocks, `[a, b]`. That part is read here, so that no YAML package is needed for one file.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Script } from './authority.ts';

/** Not ours to ship; it may lie beside the project, or further up, with its licence. Null where it does not. */
export const SUITE: string | null = findSuite();

function findSuite(): string | null {
  for (let folder = new URL('../../', import.meta.url); ; folder = new URL('../', folder)) {
    const file = new URL('shared/data/spf/rfc7208-tests.yml', folder);
    if (existsSync(file)) return readFileSync(file, 'utf8');
    if (folder.pathname === '/') return null;
  }
}

export type SpfCase = {
  group: string;
  name: string;
  helo: string;
  host: string;
  mailfrom: string;
  /** Any of these is right. */
  results: string[];
  explanation: string | null;
};
export type ZoneRecord = { type: string; data: Yaml } | 'TIMEOUT';
export type SpfGroup = { name: string; cases: SpfCase[]; zone: Map<string, ZoneRecord[]> };
export type Yaml = string | Yaml[] | Map<string, Yaml>;

export function parseSpfSuite(text: string): SpfGroup[] {
  return text
    .split(/^---\s*$/m)
    .map((part) => parseYaml(part))
    .filter((document): document is Map<string, Yaml> => document instanceof Map && document.has('tests'))
    .map(readGroup);
}

function readGroup(document: Map<string, Yaml>): SpfGroup {
  const name = String(document.get('description') ?? '');
  const cases: SpfCase[] = [];
  for (const [key, value] of mapOf(document.get('tests'))) {
    const fields = mapOf(value);
    const results = fields.get('result') ?? '';
    cases.push({
      group: name,
      name: key,
      helo: String(fields.get('helo') ?? ''),
      host: String(fields.get('host') ?? ''),
      mailfrom: String(fields.get('mailfrom') ?? ''),
      results: Array.isArray(results) ? results.map(String) : [String(results)],
      explanation: fields.has('explanation') ? String(fields.get('explanation')) : null,
    });
  }
  const zone = new Map<string, ZoneRecord[]>();
  for (const [key, value] of mapOf(document.get('zonedata'))) {
    const records = (Array.isArray(value) ? value : []).map((item): ZoneRecord => {
      if (!(item instanceof Map)) return 'TIMEOUT';
      const [type = '', data = ''] = [...item.entries()][0] ?? [];
      return { type, data };
    });
    zone.set(key.toLowerCase(), records);
  }
  return { name, cases, zone };
}

function mapOf(value: Yaml | undefined): Map<string, Yaml> {
  return value instanceof Map ? value : new Map();
}

/** What a server with this group's zone answers. The suite's rules: SPF records stand for TXT unless the name has TXT of its own; TIMEOUT is the answer to all that is not there. */
export function answerFrom(group: SpfGroup, name: string, type: string): Script | undefined {
  const records = group.zone.get(name.toLowerCase());
  if (!records) return undefined;
  const real = records.filter((record) => record !== 'TIMEOUT');
  const ownText = real.some((record) => record.type === 'TXT');
  const wanted = real.filter(
    (record) =>
      record.data !== 'NONE' &&
      (record.type === type || (type === 'TXT' && record.type === 'SPF' && !ownText) || record.type === 'CNAME'),
  );
  if (wanted.length === 0) return records.includes('TIMEOUT') ? { silent: true } : { soaMinimum: 30 };
  return {
    answers: wanted.map((record) => {
      const actual = record.type === 'SPF' ? 'TXT' : record.type;
      return { type: actual, data: wireData(actual, record.data) };
    }),
  };
}

function wireData(type: string, data: Yaml): unknown {
  if (type === 'MX' && Array.isArray(data)) return { preference: Number(data[0]), exchange: String(data[1]) || '.' };
  if (type !== 'TXT') return data;
  const strings = Array.isArray(data) ? data.map(String) : [String(data)];
  return strings.map((text) => Buffer.from(text, 'latin1'));
}

type Line = { indent: number; text: string };

function parseYaml(text: string): Yaml {
  const lines: Line[] = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*#/.test(line))
    .map((line) => ({ indent: line.search(/\S/), text: line.trim() }));
  const cursor = { at: 0 };
  return lines.length === 0 ? '' : parseNode(lines, cursor, lines[0]?.indent ?? 0);
}

function parseNode(lines: Line[], cursor: { at: number }, indent: number): Yaml {
  const first = lines[cursor.at];
  if (first?.text.startsWith('- ')) {
    const list: Yaml[] = [];
    for (let line = lines[cursor.at]; line?.indent === indent && line.text.startsWith('- '); line = lines[cursor.at]) {
      // An item is a node of its own that begins two columns further right.
      lines[cursor.at] = { indent: indent + 2, text: line.text.slice(2).trim() };
      list.push(
        isEntry(lines[cursor.at]?.text ?? '') ? parseNode(lines, cursor, indent + 2) : takeScalar(lines, cursor),
      );
    }
    return list;
  }
  const map = new Map<string, Yaml>();
  for (let line = lines[cursor.at]; line?.indent === indent && isEntry(line.text); line = lines[cursor.at]) {
    const { key, rest } = splitEntry(line.text);
    cursor.at++;
    const next = lines[cursor.at];
    if (/^[>|]-?$/.test(rest)) {
      const words: string[] = [];
      for (let more = lines[cursor.at]; more !== undefined && more.indent > indent; more = lines[cursor.at]) {
        words.push(more.text);
        cursor.at++;
      }
      map.set(key, words.join(rest.startsWith('>') ? ' ' : '\n'));
    } else if (rest !== '') {
      let scalar = rest;
      // A scalar may go on over lines that stand further right.
      for (let more = lines[cursor.at]; more !== undefined && more.indent > indent; more = lines[cursor.at]) {
        scalar += ` ${more.text}`;
        cursor.at++;
      }
      map.set(key, readScalar(scalar));
    } else if (next && (next.indent > indent || (next.indent === indent && next.text.startsWith('- ')))) {
      map.set(key, parseNode(lines, cursor, next.indent));
    } else {
      map.set(key, '');
    }
  }
  return map;
}

function takeScalar(lines: Line[], cursor: { at: number }): Yaml {
  const line = lines[cursor.at++];
  return readScalar(line?.text ?? '');
}

function isEntry(text: string): boolean {
  return /^(?:"[^"]*"|[^\s"'[][^"]*?):(?:\s|$)/.test(text);
}

function splitEntry(text: string): { key: string; rest: string } {
  const match = /^(?:"([^"]*)"|(.*?)):(?:\s+(.*))?$/.exec(text);
  return { key: match?.[1] ?? match?.[2] ?? '', rest: match?.[3] ?? '' };
}

function readScalar(text: string): Yaml {
  if (text.startsWith('[')) {
    const items = text.slice(1, text.lastIndexOf(']')).match(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,\s][^,]*/g) ?? [];
    return items.map((item) => readScalar(item.trim()));
  }
  if (text.startsWith('"')) {
    return text
      .slice(1, text.lastIndexOf('"'))
      .replace(/\\x([0-9A-Fa-f]{2})|\\(.)/g, (_all, hex: string | undefined, char: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        return char === '0' ? '\0' : char;
      });
  }
  if (text.startsWith("'")) return text.slice(1, text.lastIndexOf("'")).replaceAll("''", "'");
  return text.replace(/\s+#.*$/, '');
}
