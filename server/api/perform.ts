/**
 * Carries out a route of the table: what comes in is checked against its schemas, what goes out too. Where the call comes from, over HTTP or from inside the
 * process, and whether it may, is settled before.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { z } from 'zod';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { type Fits, fitter } from './fits.ts';
import type { Route, Visit } from './route.ts';

/** As it came. The body is read only when the rest is valid. */
export type Given = { params: unknown; query: unknown; body: () => Promise<unknown> };

/** What a script would do over HTTP, from inside the process. @throws AppError as the route does */
export type Call = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => Promise<unknown>;

/** @throws AppError `invalid` with the path of each wrong field, and whatever the route throws */
export async function perform(app: App, one: Route, given: Given, visit: Visit): Promise<unknown> {
  const input = {
    params: one.params ? checked(one.params, given.params, 'path') : undefined,
    query: one.query ? checked(one.query, given.query, 'query') : undefined,
    body: one.body ? checked(one.body, await given.body(), 'body') : undefined,
  };
  const result = await one.handler(app, input, visit);
  return one.reply ? shaped(app, one.path, one.reply, result) : result;
}

function checked(schema: z.ZodType, value: unknown, where: 'path' | 'query' | 'body'): unknown {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const errors = read.error.issues.slice(0, 50).flatMap(errorsOf);
  const first = errors[0];
  throw new AppError(
    'invalid',
    `The ${where} is not valid: ${first?.path ? `${first.path}: ` : ''}${first?.message ?? ''}`.slice(0, 500),
    { errors },
  );
}

/** A field that nobody knows is named by its path like any other that is wrong. */
function errorsOf(issue: z.core.$ZodIssue): { path: string; message: string }[] {
  const at = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: at.join('.'), message: issue.message }];
  return issue.keys.slice(0, 50).map((key) => ({ path: [...at, key].join('.'), message: 'is not known here' }));
}

/** Only what the schema names goes out. An answer that does not fit its schema is a bug, but not one to punish the caller for. */
function shaped(app: App, path: string, reply: z.ZodType, result: unknown): unknown {
  const fits = fitters.get(reply) ?? fitter(reply);
  fitters.set(reply, fits);
  if (fits(result)) return result;
  const read = reply.safeParse(result);
  if (read.success) return read.data;
  app.log.error({ route: path, issues: read.error.issues.slice(0, 5) }, 'an answer does not fit its schema');
  return result;
}

const fitters = new WeakMap<z.ZodType, Fits>();

/**
 * The table as a function, for setting up a world over its API before anybody can sign in to it. Nobody is asked who they are: whoever holds the `App` could
 * do all of this anyway.
 */
export function callInside(app: App, routes: readonly Route[]): Call {
  return async (method, path, body) => {
    // A call from outside waits for its turn too: many in a row must not keep everybody else waiting.
    await turn();
    for (const one of routes) {
      const params = one.method === method.toLowerCase() ? match(one.path, path) : null;
      if (params) return perform(app, one, { params, query: {}, body: async () => body }, INSIDE);
    }
    throw new AppError('not-found', `There is no route ${method} ${path}.`);
  };
}

function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    const want = wanted[at] ?? '';
    if (want.startsWith(':')) params[want.slice(1)] = decodeURIComponent(part);
    else if (want !== part) return null;
  }
  return params;
}

const INSIDE: Visit = {
  identity: null,
  address: '',
  userAgent: '',
  remains: async () => true,
  get request(): never {
    throw new Error('a call from inside has no request: this route needs HTTP');
  },
  get response(): never {
    throw new Error('a call from inside has no response: this route needs HTTP');
  },
};
