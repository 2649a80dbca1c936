/**
 * Whether an answer is exactly what its schema names: nothing missing, nothing besides, nothing to change. Then it may go out as it is, and the half a
 * megabyte of a long chart is not copied field by field as a parser would. The question is put together once per schema; kinds of schema it does not know
 * are asked themselves, and then only values that come back as the very same count. So "yes" is never said where the parser would take something
 * out, and "no" only means that the parser has the last word.
 */
import type { z } from 'zod';

export type Fits = (value: unknown) => boolean;

/** As far as this file reads what zod 4 says of a schema. */
type Definition = {
  type: string;
  checks?: { _zod: { def: { check: string; format?: string } } }[];
  format?: string;
  pattern?: RegExp;
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  element?: z.ZodType;
  innerType?: z.ZodType;
  options?: z.ZodType[];
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  entries?: Record<string, string | number>;
  values?: unknown[];
};

/** A schema may hold itself, as a tree does: while its question is put together, it is known already. */
const known = new WeakMap<z.ZodType, Fits>();

export function fitter(schema: z.ZodType): Fits {
  const before = known.get(schema);
  if (before !== undefined) return before;
  let whole: Fits | null = null;
  known.set(schema, (value) => whole?.(value) ?? false);
  whole = put(schema);
  known.set(schema, whole);
  return whole;
}

function put(schema: z.ZodType): Fits {
  const definition = schema.def as unknown as Definition;
  const { checks = [] } = definition;
  const plain = plainly(definition);
  if (plain === null) return (value) => unchanged(schema, value);
  if (checks.length === 0) return plain;
  if (checks.every(({ _zod: { def } }) => def.check === 'number_format' && def.format === 'safeint'))
    return (value) => Number.isSafeInteger(value);
  // Refinements of objects and lists say yes or no to a whole whose parts were looked at already.
  return definition.type === 'object' || definition.type === 'array'
    ? (value) => plain(value) && schema.safeParse(value).success
    : (value) => unchanged(schema, value);
}

/** Without its own checks. Null for a kind that is not known here. */
function plainly(definition: Definition): Fits | null {
  switch (definition.type) {
    case 'string':
      return text(definition);
    case 'number':
      return Number.isFinite;
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'null':
      return (value) => value === null;
    case 'unknown':
      return () => true;
    case 'enum':
      return oneOf(Object.values(definition.entries ?? {}));
    case 'literal':
      return oneOf(definition.values ?? []);
    case 'nullable':
      return or((value) => value === null, definition.innerType);
    case 'optional':
      return or((value) => value === undefined, definition.innerType);
    case 'union':
      return any((definition.options ?? []).map(fitter));
    case 'array':
      return definition.element === undefined ? null : list(fitter(definition.element));
    case 'object':
      return object(definition);
    case 'record':
      return record(definition);
    default:
      return null;
  }
}

function text({ format, pattern }: Definition): Fits | null {
  if (format === undefined) return (value) => typeof value === 'string';
  return pattern === undefined ? null : (value) => typeof value === 'string' && pattern.test(value);
}

function oneOf(words: readonly unknown[]): Fits {
  const known = new Set(words);
  return (value) => known.has(value);
}

function or(first: Fits, inner: z.ZodType | undefined): Fits | null {
  if (inner === undefined) return null;
  const second = fitter(inner);
  return (value) => first(value) || second(value);
}

function any(options: readonly Fits[]): Fits {
  return (value) => options.some((fits) => fits(value));
}

function list(element: Fits): Fits {
  return (value) => {
    if (!Array.isArray(value)) return false;
    // Not `every`, which steps over holes.
    for (let i = 0; i < value.length; i++) if (!element(value[i])) return false;
    return true;
  };
}

function object({ shape = {}, catchall }: Definition): Fits | null {
  const names = Object.keys(shape);
  const parts = Object.values(shape).map(fitter);
  const others = catchall === undefined ? null : fitter(catchall);
  const named = new Set(names);
  // What is frozen through and through stays what it was: the one that stands for every empty hour is looked at once.
  const frozen = new WeakSet<object>();
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    if (frozen.has(value)) return true;
    const found = value as Record<string, unknown>;
    for (let i = 0; i < names.length; i++) if (!parts[i]?.(found[names[i] as string])) return false;
    for (const name in found) if (!named.has(name) && (name === '__proto__' || !others?.(found[name]))) return false;
    if (Object.isFrozen(value) && Object.values(value).every(frozenThrough)) frozen.add(value);
    return true;
  };
}

function frozenThrough(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(frozenThrough);
}

function record({ keyType, valueType }: Definition): Fits | null {
  if (keyType === undefined || valueType === undefined) return null;
  const key = fitter(keyType);
  const one = fitter(valueType);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    for (const [name, held] of Object.entries(value))
      if (name === '__proto__' || !key(name) || !one(held)) return false;
    return true;
  };
}

/** Asks the schema itself; a value that it would copy or change does not fit. */
function unchanged(schema: z.ZodType, value: unknown): boolean {
  const read = schema.safeParse(value);
  return read.success && Object.is(read.data, value);
}
