/**
 * Reads the openspf suite for RFC 7208 (`rfc7208-tests.yml`, 2014.04). It uses a small part of YAML: maps and lists by indentation, plain and
 * quoted scalars, `>-` and `|` blocks, `[a, b]`. That part is read here, so that no YAML package is needed for one file.
 */

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
