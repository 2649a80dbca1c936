/**
 * A route as data: what it is called, what it takes, what it answers, who may call it, and a thin handler. One table of these is mounted on Express, checked
 * on every call, described in /api/openapi.json and dumped by the tests: a route that forgets to ask who is calling cannot be written.
 */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { App } from '../app.ts';
import type { Identity } from '../owner/types.ts';

/**
 * `owner`: a session or an API token. `session`: a session only, since what it changes would outlive a token that leaked.
 * `wall`: the key of a wall link, or the owner. `public`: anybody.
 */
export type Access = 'public' | 'owner' | 'session' | 'wall';

export type Visit = {
  /** Null on public routes when nobody is signed in. */
  identity: Identity | null;
  /** As Express sees it behind the trusted proxies. */
  address: string;
  userAgent: string;
  /** Whether whoever is calling would still be let in: asked while a stream stays open. */
  remains: () => Promise<boolean>;
  /** Only for what JSON cannot carry: cookies and streams. */
  request: Request;
  response: Response;
};

/** An answer that is no JSON. */
export type TextReply = { contentType: string; body: string | Buffer; headers?: Record<string, string> };
/** A file to be downloaded under its own name. */
export type FileReply = { folder: string; name: string };

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Shape = z.ZodType;
type Out<S> = S extends Shape ? z.output<S> : undefined;
type In<S> = S extends Shape ? z.input<S> : undefined;

type Described = {
  method: Method;
  /** With `:id` for parameters. */
  path: string;
  /** One line for the API description. */
  summary: string;
  /** Left out: `owner`. */
  access?: Access;
};

/** As declared: the handler's types follow from the schemas. */
export type RouteOf<P, Q, B, R> = Described & {
  params?: P;
  query?: Q;
  body?: B;
  /** What it answers as JSON. Left out together with `text` and `stream`: nothing, 204. */
  reply?: R;
  /** The content type of an answer that is no JSON. */
  text?: string;
  /** The handler keeps the connection and writes to it itself. Same rules against foreign pages as for changes. */
  stream?: true;
  /** The content type of an answer that is a file, streamed from the disk. Same rules against foreign pages as for changes. */
  file?: string;
  /** Left out: 200, or 204 without a reply. */
  status?: number;
  /** Takes `text/csv` too; the schema of the body then sees `{ csv }`. */
  takesCsv?: true;
  /** Takes a mail as it is (message/rfc822) too, up to the size of messages; the schema of the body then sees `{ message }`, bytes. */
  takesMessage?: true;
  /** The content type of a file that comes as the body; the handler reads it from the request, piece by piece. */
  takesFile?: string;
  /** Takes its time with files or mail servers: a restore does not wait for it. */
  long?: true;
  handler: (
    app: App,
    input: { params: Out<P>; query: Out<Q>; body: Out<B> },
    visit: Visit,
  ) => Promise<R extends Shape ? In<R> : TextReply | FileReply | undefined>;
};

/** As mounted: the same without the types. */
export type Route = Described & {
  access: Access;
  params?: Shape;
  query?: Shape;
  body?: Shape;
  reply?: Shape;
  text?: string;
  stream?: true;
  file?: string;
  takesCsv?: true;
  takesMessage?: true;
  takesFile?: string;
  long?: true;
  status: number;
  handler: (app: App, input: { params: unknown; query: unknown; body: unknown }, visit: Visit) => Promise<unknown>;
};

export function route<
  P extends Shape | undefined = undefined,
  Q extends Shape | undefined = undefined,
  B extends Shape | undefined = undefined,
  R extends Shape | undefined = undefined,
>(given: RouteOf<P, Q, B, R>): Route {
  const answers = given.reply || given.text || given.stream || given.file;
  const status = given.status ?? (answers ? 200 : 204);
  // The schemas were checked against the handler above; the table itself holds routes of every shape.
  return { access: 'owner', ...given, status } as unknown as Route;
}
