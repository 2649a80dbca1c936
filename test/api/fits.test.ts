/** What may go out unparsed: for every answer of every route, "it fits" is said of whole answers, and never of one that the parser would change. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { createEvents } from '../../server/api/events.ts';
import { fitter } from '../../server/api/fits.ts';
import { timeJson } from '../../server/api/json/basics.ts';
import { placementSeriesJson } from '../../server/api/json/overview.ts';
import type { Route } from '../../server/api/route.ts';
import { allRoutes } from '../../server/api/routes.ts';
import { type House, openHouse } from './house.ts';

let house: House;
let routes: Route[];
before(async () => {
  house = await openHouse();
  routes = allRoutes(house.todoku.app, createEvents(house.todoku.app.log), house.todoku.trial).routes;
});
after(() => house.close());

type Definition = {
  type: string;
  checks?: unknown[];
  format?: string;
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  element?: z.ZodType;
  innerType?: z.ZodType;
  options?: z.ZodType[];
  valueType?: z.ZodType;
  entries?: Record<string, string>;
  values?: unknown[];
};

/** A filter would look for a value for ever where none is right: another kind of value wants another example here. */
function examplesOf<Value>(schema: z.ZodType, examples: Value[]): Value[] {
  const right = examples.filter((example) => schema.safeParse(example).success);
  assert.notEqual(right.length, 0, 'no example is right');
  return right;
}
const TEXTS = ['a', 'smtp.example.com', 'seed@example.com', 'x y', 'spf-missing', 'https://example.com/x'];

/** Values that a schema takes as they are, made from what it says of itself. A tree ends somewhere: `depth` is how much further it may go. */
function valuesOf(schema: z.ZodType, depth = 12): fc.Arbitrary<unknown> {
  const definition = schema.def as unknown as Definition;
  const inner = () => valuesOf(definition.innerType as z.ZodType, depth - 1);
  switch (definition.type) {
    case 'string':
      if (definition.format === 'datetime')
        return fc
          .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
          .map((date) => date.toISOString());
      return fc.constantFrom(...examplesOf(schema, TEXTS));
    case 'number':
      return fc.constantFrom(...examplesOf(schema, [0, 0.5, 1, 7, 80, 587, 60_000]));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'enum':
      return fc.constantFrom(...Object.values(definition.entries ?? {}));
    case 'literal':
      return fc.constantFrom(...(definition.values ?? []));
    case 'nullable':
      return depth <= 0 ? fc.constant(null) : fc.option(inner(), { nil: null });
    case 'default':
      return inner();
    case 'optional':
      return fc.option(inner(), { nil: undefined });
    case 'union':
      return fc.oneof(...(definition.options ?? []).map((option) => valuesOf(option, depth - 1)));
    case 'array':
      return depth <= 0
        ? fc.constant([])
        : fc.array(valuesOf(definition.element as z.ZodType, depth - 1), { maxLength: 2 });
    case 'record':
      return fc.dictionary(fc.constantFrom('reply', 'until'), valuesOf(definition.valueType as z.ZodType, depth - 1), {
        noNullPrototype: true,
      });
    case 'object':
      return fc
        .record(
          Object.fromEntries(
            Object.entries(definition.shape ?? {}).map(([name, one]) => [name, valuesOf(one, depth - 1)]),
          ),
          {
            noNullPrototype: true,
          },
        )
        .filter((value) => (definition.checks ?? []).length === 0 || schema.safeParse(value).success);
    default:
      return fc.constant('anything');
  }
}

/** Every object and list in a value, itself included. */
function nodesOf(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(nodesOf)];
}

const onTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const STRANGE = [undefined, null, 'x', -1.5, Number.NaN, true, [], {}, ['x'], { secret: 'x' }, '2026-02-30T00:00:00Z'];

test('every answer that is whole goes out as it is', () => {
  for (const { reply, path } of routes) {
    if (!reply) continue;
    const fits = fitter(reply);
    fc.assert(
      fc.property(valuesOf(reply), (value) => assert.ok(fits(value), `${path} ${JSON.stringify(value)}`)),
      { numRuns: 30 },
    );
  }
});

test('whatever is added, taken away or changed: what is said to fit is what the parser gives back', () => {
  let refused = 0;
  for (const { reply, path } of routes) {
    if (!reply) continue;
    const fits = fitter(reply);
    fc.assert(
      fc.property(
        valuesOf(reply),
        fc.nat(),
        fc.nat(),
        fc.constantFrom('add', 'remove', 'change'),
        fc.constantFrom(...STRANGE),
        (made, where, which, act, unusual) => {
          const [value, strange] = structuredClone([made, unusual]);
          const nodes = nodesOf(value);
          const node = nodes[where % Math.max(1, nodes.length)] ?? {};
          const keys = Object.keys(node);
          const key = keys[which % Math.max(1, keys.length)] ?? 'secret';
          if (act === 'add') node.secret = strange;
          else if (act === 'remove') delete node[key];
          else node[key] = strange;
          if (!fits(value)) {
            refused++;
            return;
          }
          const read = reply.safeParse(value);
          assert.ok(read.success, `${path}: fits, and the parser refuses ${JSON.stringify(value)}`);
          assert.deepEqual(onTheWire(read.data), onTheWire(value), path);
        },
      ),
      { numRuns: 150 },
    );
  }
  assert.ok(refused > 1000, `only ${refused} refused`);
});

describe('said not to fit', () => {
  const plain = z.object({ name: z.string(), at: timeJson.nullable(), n: z.number().int() });
  const good = { name: 'x', at: '2026-11-23T09:15:00.000Z', n: 1 };
  const CASES: [what: string, schema: z.ZodType, value: unknown][] = [
    ['a field nobody named', plain, { ...good, password: 'x' }],
    ['a field under __proto__', z.looseObject({}), JSON.parse('{"__proto__":{"a":1}}')],
    ['a key __proto__ of a record', z.record(z.string(), z.unknown()), JSON.parse('{"__proto__":1}')],
    ['a field too few', plain, { name: 'x', n: 1 }],
    ['half a count', plain, { ...good, n: 0.5 }],
    ['no number', plain, { ...good, n: Number.NaN }],
    ['a day that is none', plain, { ...good, at: '2026-02-30T00:00:00.000Z' }],
    ['a list for an object', plain, [good]],
    ['text that the parser would trim', z.object({ name: z.string().trim() }), { name: ' x' }],
    ['a default that the parser would fill in', z.object({ n: z.number().default(1) }), {}],
    ['a rule about the whole', z.object({ a: z.string() }).refine(() => false), { a: 'x' }],
    ['a kind that is copied by its parser', z.object({ map: z.map(z.string(), z.string()) }), { map: new Map() }],
  ];
  for (const [what, schema, value] of CASES)
    test(what, () => {
      assert.equal(fitter(schema)(value), false);
    });
});

test('a field that no schema names never leaves, however deep it stands', () => {
  const fits = fitter(placementSeriesJson);
  const series = fc.sample(valuesOf(placementSeriesJson), { numRuns: 1, seed: 7 })[0] as Record<string, unknown>;
  // The evidence of a mark may hold any word.
  series.marks = [];
  assert.equal(fits(series), true);
  for (const node of nodesOf(series)) {
    if (Array.isArray(node)) continue;
    node.password_sealed = 'x';
    assert.equal(fits(series), false);
    assert.ok(!JSON.stringify(placementSeriesJson.parse(series)).includes('password_sealed'));
    delete node.password_sealed;
  }
});
