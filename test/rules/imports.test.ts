/**
 * Who may import whom: the plan of the house as a table, and a test that reads every import and fails on any edge that is not in it.
 * A new edge is a decision: it is made here, in sight, or not at all.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { circlesOf, type Import, parse, readSources, type Source } from './sources.ts';

/** The nouns in the order in which they may know of each other: a later one knows earlier ones, never the other way round. */
const NOUNS = ['mark', 'sender', 'seed', 'authentication', 'probe', 'monitor', 'domain', 'campaign'] as const;

/** Leaves that anybody may import. */
const LEAVES = ['errors', 'id', 'storage', 'csv'];
/** Rooms of the server that stand below the nouns. */
const GROUND = [...LEAVES, 'dns', 'net', 'db', 'threads'];

/** What each room may import so that it exists at run time. A room may always import itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  web: ['words'],
  words: [],
  errors: [],
  id: [],
  csv: [],
  // Only words as values (`server/<noun>/types.ts`): see `besides`.
  db: LEAVES,
  config: LEAVES,
  log: LEAVES,
  app: [],
  'data-dir': LEAVES,
  vault: [...LEAVES, 'data-dir', 'db'],
  dns: LEAVES,
  net: [...LEAVES, 'dns'],
  mark: [],
  threads: [],
  sender: GROUND,
  seed: [...GROUND, 'sender'],
  authentication: GROUND,
  probe: [...GROUND, 'sender', 'seed', 'authentication'],
  monitor: [...GROUND, 'sender', 'seed', 'authentication', 'probe'],
  domain: [...GROUND, 'authentication'],
  campaign: [...GROUND, 'sender', 'seed', 'authentication', 'probe', 'domain'],
  // What is made of the nouns for people and programs that have no page open.
  report: ['seed', 'campaign', 'words'],
  owner: [...LEAVES, 'db', 'vault'],
  gate: LEAVES,
  preview: [...LEAVES, 'threads'],
  // Whole files: what waited in one that is put back is judged like any probe, and its key is tried.
  backup: [...LEAVES, 'db', 'vault', 'config', 'probe'],
  retention: [...LEAVES, 'db'],
  api: [...GROUND, ...NOUNS, 'owner', 'words', 'report', 'backup', 'retention', 'preview'],
  scheduler: [...GROUND, ...NOUNS, 'owner', 'retention'],
  // The ends of the wires: they put the rest together.
  cli: [
    ...[...GROUND, ...NOUNS, 'owner', 'words', 'api', 'backup', 'gate', 'preview', 'config', 'vault', 'log'],
    ...['scheduler', 'main', 'demo', 'sandbox', 'report'],
  ],
  main: [
    ...[...GROUND, ...NOUNS, 'owner', 'words', 'api', 'backup', 'gate', 'preview', 'config', 'data-dir', 'vault'],
    ...['log', 'scheduler', 'sandbox', 'trial'],
  ],
  demo: [...GROUND, ...NOUNS, 'owner', 'words', 'config', 'log', 'made-up', 'main', 'sandbox', 'vault'],
  trial: [...LEAVES, 'api', 'made-up', 'sandbox'],
  'made-up': [],
  // A world of its own: nobody could believe servers that share code with the program they test.
  sandbox: [],
};

/** What may be named with `import type` besides; it is gone at run time. */
const MAY_NAME: Record<string, readonly string[]> = {
  web: ['api', 'app'],
  app: ['db', 'config', 'dns', 'vault', 'backup', 'gate', 'preview', 'domain', 'campaign'],
  vault: ['config'],
  owner: ['app', 'config'],
  backup: ['app', 'config'],
  retention: ['app'],
  api: ['app', 'config'],
  scheduler: ['app', 'config'],
  cli: ['app'],
  main: ['app'],
  demo: ['app', 'api'],
  trial: ['app', 'config', 'main'],
  'made-up': ['api', 'sandbox'],
  log: ['config'],
};

/** Packages that one place alone may know. */
const ONLY_IMPORTER: Record<string, readonly string[]> = {
  nodemailer: ['server/sender/'],
  'sanitize-html': ['server/preview/'],
  imapflow: ['server/seed/imap.ts'],
  mailauth: ['server/authentication/', 'server/sandbox/'],
  htmlparser2: ['server/campaign/html.ts'],
  caniemail: ['server/campaign/checks/clients.ts'],
  'html-validate': ['server/campaign/checks/markup.ts'],
  'better-sqlite3': ['db/open.ts'],
  kysely: ['db/'],
  'dns-packet': ['server/dns/', 'server/sandbox/'],
  'fast-xml-parser': ['server/domain/bimi-logo.ts', 'server/domain/dmarc-report.ts'],
  'smtp-server': ['server/sandbox/'],
  'node-cron': ['server/scheduler.ts'],
  piscina: ['server/threads.ts'],
  commander: ['server/cli.ts', 'server/cli/'],
  express: ['server/api/'],
  helmet: ['server/api/'],
  compression: ['server/api/'],
  'express-rate-limit': ['server/api/'],
  'zod-openapi': ['server/api/'],
  'prom-client': ['server/api/'],
  'chart.js': ['web/charts/'],
  'chartjs-chart-matrix': ['web/charts/'],
  'chartjs-adapter-date-fns': ['web/charts/'],
};

/**
 * The files of the nouns that talk to the world: databases, servers, clocks. Every other file there is pure, which means it takes
 * values and returns values and can be tested with a table.
 */
const SHELL = new Set([
  'server/sender/smtp.ts',
  'server/sender/pool.ts',
  'server/seed/session.ts',
  'server/seed/limits.ts',
  'server/seed/paced.ts',
  'server/seed/imap.ts',
  'server/seed/pop3.ts',
  'server/seed/pop3-wire.ts',
  'server/seed/check.ts',
  'server/monitor/run.ts',
  'server/probe/send.ts',
  'server/probe/mail.ts',
  'server/campaign/intake.ts',
  'server/campaign/begin.ts',
  'server/campaign/judge-anew.ts',
  'server/campaign/test.ts',
  'server/campaign/watch.ts',
  'server/campaign/copies.ts',
  'server/campaign/work.ts',
  'server/probe/locate.ts',
  'server/probe/record.ts',
  'server/probe/round.ts',
  'server/probe/bounces.ts',
  'server/probe/bounce-worker.ts',
  'server/authentication/verify.ts',
  'server/authentication/verify-worker.ts',
  'server/domain/lookup.ts',
  'server/domain/lookup-known.ts',
  'server/domain/lookup-published.ts',
  'server/domain/check.ts',
  'server/domain/dmarc-reports.ts',
  'server/domain/dmarc-report-worker.ts',
  'server/domain/schedule.ts',
  'server/domain/audit.ts',
  'server/domain/reach.ts',
  'server/domain/lookup-mx.ts',
  'server/domain/lookup-text.ts',
  'server/domain/lookup-mta-sts.ts',
  'server/domain/lookup-tls-rpt.ts',
  'server/domain/lookup-ptr.ts',
  'server/domain/lookup-dane.ts',
  'server/domain/lookup-dnssec.ts',
  'server/domain/lookup-bimi.ts',
  'server/domain/lookup-blocklists.ts',
  'server/campaign/audit.ts',
  'server/campaign/reader.ts',
  'server/campaign/reader-worker.ts',
  'server/campaign/ask-domains.ts',
  'server/campaign/ask-links.ts',
  'server/campaign/ask-filters.ts',
  'server/preview/previews.ts',
  'server/preview/previews-worker.ts',
]);
const PURE_ROOMS = new Set<string>([...NOUNS, 'csv', 'words', 'preview', 'report']);
/** What a pure file may import besides pure files: code without files, sockets, clocks or chance. */
const PURE_PACKAGES = new Set([
  'zod',
  'tldts',
  'croner',
  'postal-mime',
  'fast-xml-parser',
  'node:url',
  'sanitize-html',
  'htmlparser2',
  'caniemail',
  'html-validate',
  'node:util',
  'node:crypto',
  'node:buffer',
  'node:zlib',
]);
const IMPURE_CODE: [string, RegExp][] = [
  ['the clock', /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/],
  ['chance', /\bMath\.random\(|\brandom(?:Bytes|Int|UUID)\b|\bgetRandomValues\(/],
  ['timers', /\bset(?:Timeout|Interval|Immediate)\(/],
  ['the network', /(?<![.\w])fetch\(/],
  ['the process', /(?<![.\w])process\./],
];

/** `server/probe/send.ts` → `probe`, `server/config.ts` → `config`, `db/probes.ts` → `db`; null for packages and tests. */
function roomOf(path: string): string | null {
  const [top, second = ''] = path.split('/');
  if (top === 'web' || top === 'db') return top;
  if (top !== 'server') return null;
  return second.replace(/\.ts$/, '');
}

/** Why this import is not allowed, or null. */
function refuse(edge: Import): string | null {
  const importers = ONLY_IMPORTER[edge.to];
  if (importers && !edge.typeOnly && !importers.some((place) => edge.from.startsWith(place)))
    return `only ${importers.join(', ')} may import ${edge.to}`;
  const from = roomOf(edge.from);
  if (from === null) return null;
  if (edge.to.startsWith('test/')) return 'the product does not import its tests';
  const to = roomOf(edge.to);
  if (to === null || to === from) return null;
  const may = MAY_IMPORT[from];
  if (may === undefined) return `the room ${from} is not in the plan`;
  if (may.includes(to)) return null;
  if (edge.typeOnly && (MAY_NAME[from] ?? []).includes(to)) return null;
  if (besides(edge, from, to)) return null;
  return edge.typeOnly ? `${from} may not name ${to}` : `${from} may not import ${to}`;
}

/** The few edges that depend on the file and not only on the room. */
function besides(edge: Import, from: string, to: string): boolean {
  const words = edge.to.endsWith('/types.ts') && (NOUNS as readonly string[]).includes(to);
  // Rows bear the nouns' words; the words file of a noun imports nothing that runs.
  if (from === 'db') return edge.typeOnly || words;
  // Shell files are handed the App; pure files are not.
  if (edge.typeOnly && to === 'app') return SHELL.has(edge.from);
  if (from === 'web') return edge.typeOnly && words;
  // What a place believes of a provider's headers belongs to the provider table.
  return from === 'seed' && to === 'authentication' && edge.typeOnly && words;
}

function isPure(path: string): boolean {
  return PURE_ROOMS.has(roomOf(path) ?? '') && !SHELL.has(path);
}

/** Why a pure file is not pure, line by line. */
function impurities(source: Source): string[] {
  const found: string[] = [];
  // It takes nodemailer's composer and none of its transports: the same parts give the same bytes.
  const composes = source.path === 'server/sender/mime.ts';
  for (const { to, typeOnly, names } of source.imports) {
    if (typeOnly || to.endsWith('.json') || (composes && to === 'nodemailer')) continue;
    const room = roomOf(to);
    if (room === null) {
      if (
        !PURE_PACKAGES.has(to) &&
        !(to === 'node:net' && names.every((name) => name === 'isIP' || name === 'BlockList'))
      )
        found.push(`imports ${to}`);
    } else if (!isPure(to) && !LEAVES.includes(room) && to !== 'server/net/address.ts') found.push(`imports ${to}`);
  }
  for (const [what, pattern] of IMPURE_CODE) if (pattern.test(source.code)) found.push(`uses ${what}`);
  return found;
}

/** Does this file make requests? To answer some (`createServer`) is another thing. */
function asksOverHttp({ imports, code }: Source): boolean {
  const serving = new Set(['createServer', 'Server', 'IncomingMessage', 'ServerResponse']);
  const asks = imports.some(
    ({ to, typeOnly, names }) =>
      !typeOnly &&
      (/^(?:undici|axios|got|ky|superagent|node-fetch|node:http2)$/.test(to) ||
        (/^node:https?$/.test(to) && (names.length === 0 || names.some((name) => !serving.has(name))))),
  );
  // IMAP has a FETCH of its own: a file that declares one does not mean the browser's.
  return asks || (/(?<![.\w])fetch\(/.test(code) && !/\bfunction fetch\(/.test(code));
}

const sources = readSources();
const product = sources.filter((source) => !source.path.startsWith('test/'));

describe('imports', () => {
  test('every edge is in the plan', () => {
    const refused = product.flatMap((source) => source.imports.map((edge) => [edge, refuse(edge)] as const));
    assert.deepEqual(
      refused.filter(([, why]) => why !== null).map(([edge, why]) => `${edge.from} → ${edge.to}: ${why}`),
      [],
    );
  });
  test('every imported file exists', () => {
    const known = new Set(sources.map((source) => source.path));
    const gone = product
      .flatMap((source) => source.imports)
      .filter(({ to }) => /^(server|db|web|test)\/.*\.tsx?$/.test(to) && !known.has(to));
    assert.deepEqual(
      gone.map((edge) => `${edge.from} → ${edge.to}`),
      [],
    );
  });
  test('every file is reached from where the program begins', () => {
    // Migrations are found by their folder; the sandbox may be started as a process of its own.
    const begins =
      /^(server\/(cli|main)\.ts|server\/sandbox\/(process|child)\.ts|web\/main\.tsx|web\/vite\.config\.ts|db\/migrations\/.*)$/;
    const byPath = new Map(product.map((source) => [source.path, source]));
    const reached = new Set<string>();
    const visit = (path: string): void => {
      const source = byPath.get(path);
      if (!source || reached.has(path)) return;
      reached.add(path);
      for (const { to } of source.imports) visit(to);
    };
    for (const path of byPath.keys()) if (begins.test(path)) visit(path);
    assert.deepEqual(
      [...byPath.keys()].filter((path) => !reached.has(path)),
      [],
    );
  });
  test('no circle between nouns, not even of types', () => {
    const edges = product
      .flatMap((source) => source.imports)
      .map((edge) => [roomOf(edge.from), roomOf(edge.to)] as const)
      .filter(
        (edge): edge is [string, string] =>
          edge[0] !== edge[1] && edge.every((room) => (NOUNS as readonly (string | null)[]).includes(room)),
      );
    assert.deepEqual(
      circlesOf(edges).map((circle) => circle.join(' → ')),
      [],
    );
  });
  test('no circle between files at run time', () => {
    const edges = product
      .flatMap((source) => source.imports)
      .filter((edge) => !edge.typeOnly && edge.from !== edge.to && roomOf(edge.to) !== null)
      .map((edge) => [edge.from, edge.to] as const);
    assert.deepEqual(
      circlesOf(edges).map((circle) => circle.join(' → ')),
      [],
    );
  });
  test('the sandbox is known only where the product is put together', () => {
    const allowed = new Set([
      'server/main.ts',
      'server/cli.ts',
      'server/demo.ts',
      'server/trial.ts',
      'server/made-up.ts',
    ]);
    const strangers = product
      .flatMap((source) => source.imports)
      .filter((edge) => roomOf(edge.to) === 'sandbox' && roomOf(edge.from) !== 'sandbox' && !allowed.has(edge.from));
    assert.deepEqual(
      strangers.map((edge) => edge.from),
      [],
    );
  });
  test('only config.ts reads the environment', () => {
    // The entry points hand it over whole; that is not reading it.
    const entries = new Set(['server/main.ts', 'server/cli.ts', 'server/demo.ts']);
    const readers = product.filter(({ path, code }) => {
      if (path === 'server/config.ts' || path.startsWith('web/')) return false;
      return (
        entries.has(path) || path.startsWith('server/cli/')
          ? /\bprocess\.env\s*\??[.[]|\}\s*=\s*process\.env\b/
          : /\bprocess\.env\b/
      ).test(code);
    });
    assert.deepEqual(
      readers.map((source) => source.path),
      [],
    );
  });
  test('one module speaks HTTP to the outside, and it judges every address', () => {
    // Each client more would be one more place to forget the guard. The demo asks the server that it has just started.
    const clients = product
      .filter(({ path }) => !path.startsWith('web/') && path !== 'server/demo.ts')
      .filter(asksOverHttp);
    assert.deepEqual(
      clients.map((source) => source.path),
      ['server/net/http.ts'],
    );
  });
  test('pure files are pure', () => {
    const impure = product
      .filter((source) => isPure(source.path))
      .map((source) => [source.path, impurities(source)] as const);
    assert.deepEqual(
      impure.filter(([, why]) => why.length > 0).map(([path, why]) => `${path}: ${why.join(', ')}`),
      [],
    );
  });
  test('the rules look at every room, and name only files that exist', () => {
    const rooms = new Set(product.map((source) => roomOf(source.path)));
    for (const room of ['web', 'db', 'words', 'probe', 'sandbox']) assert.ok(rooms.has(room), room);
    const paths = new Set(product.map((source) => source.path));
    assert.deepEqual(
      [...SHELL].filter((path) => !paths.has(path)),
      [],
    );
  });
});

describe('the reader of imports', () => {
  const cases: [string, string, string][] = [
    ['server/probe/send.ts', "import { a, type B } from '../sender/smtp.ts';", 'server/sender/smtp.ts a,B'],
    ['server/probe/send.ts', "import type { A } from '../app.ts';", 'type server/app.ts A'],
    ['server/probe/send.ts', "import {\n  a as b,\n  c,\n} from 'mailauth/lib/spf.js';", 'mailauth a,c'],
    ['server/probe/send.ts', "import x, * as y from '@some/package';", '@some/package '],
    ['server/probe/send.ts', "import 'node:fs/promises';", 'node:fs '],
    ['server/probe/send.ts', "export { a } from './life.ts';", 'server/probe/life.ts a'],
    ['server/probe/send.ts', "const x = await import('./locate.ts');", 'server/probe/locate.ts '],
    ['server/probe/send.ts', "new Worker(new URL('./worker.ts', import.meta.url));", 'server/probe/worker.ts '],
    ['server/probe/send.ts', "// import { a } from 'nodemailer';\n/* import 'imapflow'; */", ''],
    ['server/words/words.ts', "import en from './en.json' with { type: 'json' };", 'server/words/en.json '],
  ];
  for (const [path, text, expected] of cases)
    test(JSON.stringify(text), () => {
      const seen = parse(path, text).imports.map(
        ({ to, typeOnly, names }) => `${typeOnly ? 'type ' : ''}${to} ${names.join()}`,
      );
      assert.equal(seen.join('; '), expected);
    });
});

describe('the plan', () => {
  const cases: [string, string, boolean][] = [
    ['server/probe/send.ts', "import { x } from '../sender/smtp.ts';", true],
    ['server/sender/smtp.ts', "import { x } from '../probe/send.ts';", false],
    ['server/sender/smtp.ts', "import type { X } from '../probe/types.ts';", false],
    ['server/sender/smtp.ts', "import nodemailer from 'nodemailer';", true],
    ['server/probe/send.ts', "import nodemailer from 'nodemailer';", false],
    ['server/probe/send.ts', "import { x } from '../sandbox/smtp.ts';", false],
    ['server/sandbox/smtp.ts', "import { x } from '../errors.ts';", false],
    ['server/probe/send.ts', "import type { App } from '../app.ts';", true],
    ['server/probe/life.ts', "import type { App } from '../app.ts';", false],
    ['server/probe/send.ts', "import { x } from '../../test/x.ts';", false],
    ['db/probes.ts', "import { sql } from 'kysely';", true],
    ['db/probes.ts', "import { judge } from '../server/probe/placement.ts';", false],
    ['db/probes.ts', "import { delayBucket } from '../server/probe/types.ts';", true],
    ['server/api/probes.ts', "import { sql } from 'kysely';", false],
    ['web/api.ts', "import type { Probe } from '../server/api/probes.ts';", true],
    ['web/api.ts', "import { probe } from '../server/api/probes.ts';", false],
    ['web/api.ts', "import { explain } from '../server/words/words.ts';", true],
    ['server/novelty/x.ts', "import { x } from '../probe/send.ts';", false],
  ];
  for (const [path, text, allowed] of cases)
    test(`${path}: ${text} is ${allowed ? 'allowed' : 'refused'}`, () => {
      const [edge] = parse(path, text).imports;
      assert.ok(edge);
      assert.equal(refuse(edge) === null, allowed, refuse(edge) ?? 'allowed');
    });
  test('a clock, chance or a socket is seen', () => {
    for (const text of [
      'const t = Date.now();',
      'Math.random()',
      "import { connect } from 'node:net';",
      'await fetch(url)',
      'new Date()',
    ])
      assert.equal(impurities(parse('server/probe/life.ts', text)).length, 1, text);
    for (const text of [
      'new Date(now)',
      "import { isIP } from 'node:net';",
      '// Date.now()',
      "import type { X } from '../app.ts';",
    ])
      assert.deepEqual(impurities(parse('server/probe/life.ts', text)), [], text);
  });
  test('a second HTTP client is seen', () => {
    for (const text of [
      "import { get } from 'node:https';",
      "import http from 'node:http';",
      "import { createServer, request } from 'node:http';",
      "import { Agent } from 'undici';",
      "const page = await fetch('https://example.com');",
    ])
      assert.ok(asksOverHttp(parse('server/campaign/links.ts', text)), text);
    for (const text of ["import { createServer, type Server } from 'node:http';", 'await client.fetch(1);'])
      assert.ok(!asksOverHttp(parse('server/main.ts', text)), text);
  });
  test('a circle is found', () => {
    assert.deepEqual(
      circlesOf([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
        ['c', 'd'],
      ]),
      [['a', 'b', 'c', 'a']],
    );
    assert.deepEqual(
      circlesOf([
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ]),
      [],
    );
  });
});
