/** The table of routes as OpenAPI 3.1, so that people's scripts can be generated from what the server really checks. */
import type { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import { problemJson } from './json/basics.ts';
import { type Access, type Route, route } from './route.ts';

/** @param routes all others; this one adds itself */
export function openapiRoute(routes: readonly Route[]): Route {
  let document: unknown = null;
  const own: Route = route({
    method: 'get',
    path: '/api/openapi.json',
    summary: 'This API as OpenAPI 3.1',
    text: 'application/json',
    handler: async () => {
      document ??= describe([...routes, own]);
      return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(document) };
    },
  });
  return own;
}

export function describe(routes: readonly Route[]): unknown {
  const paths: ZodOpenApiPathsObject = {};
  for (const one of routes) {
    const path = one.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method]: operation(one) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Todoku',
      version: packageJson.version,
      description:
        'Where does your mail really land, and why? Errors are problem documents (RFC 9457) with a code and a sentence.',
    },
    security: [{ token: [] }, { session: [] }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'npm run -s todoku -- token create NAME' },
        session: { type: 'apiKey', in: 'cookie', name: 'todoku', description: '`__Host-todoku` over HTTPS' },
        wall: { type: 'apiKey', in: 'query', name: 'key', description: 'Of a wall link; also as bearer token' },
      },
    },
    paths,
  });
}

/** Where it is not that of the whole document. */
const SECURITY: Partial<Record<Access, Record<string, never[]>[]>> = {
  public: [],
  session: [{ session: [] }],
  wall: [{ wall: [] }, { token: [] }, { session: [] }],
};

function operation(one: Route): ZodOpenApiOperationObject {
  const problem = { description: 'A problem', content: { 'application/problem+json': { schema: problemJson } } };
  const content = one.reply
    ? { 'application/json': { schema: one.reply } }
    : one.text
      ? { [one.text]: { schema: { type: 'string' as const } } }
      : one.stream
        ? { 'text/event-stream': { schema: { type: 'string' as const } } }
        : one.file
          ? { [one.file]: { schema: { type: 'string' as const, format: 'binary' } } }
          : undefined;
  return {
    summary: one.summary,
    operationId: `${one.method} ${one.path}`.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, ''),
    tags: [one.path.split('/')[2] ?? 'health'],
    ...(SECURITY[one.access] ? { security: SECURITY[one.access] } : {}),
    ...(one.params || one.query
      ? {
          requestParams: {
            ...(one.params ? { path: one.params as z.ZodObject } : {}),
            ...(one.query ? { query: one.query as z.ZodObject } : {}),
          },
        }
      : {}),
    ...(one.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: one.body },
              ...(one.takesMessage
                ? { 'message/rfc822': { schema: { type: 'string' as const, format: 'binary' } } }
                : {}),
              ...(one.takesCsv ? { 'text/csv': { schema: { type: 'string' as const } } } : {}),
            },
          },
        }
      : {}),
    ...(one.takesFile
      ? {
          requestBody: {
            required: true,
            content: { [one.takesFile]: { schema: { type: 'string' as const, format: 'binary' } } },
          },
        }
      : {}),
    responses: {
      [String(one.status) as '200']: {
        description: content ? 'Done' : 'Done, nothing to say',
        ...(content ? { content } : {}),
      },
      default: problem,
    },
  };
}
