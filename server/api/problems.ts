/**
 * Errors as application/problem+json (RFC 9457): a code for programs, a sentence for people, the path of each wrong field. A bug shows nothing of itself here; it is
 * in the log.
 */
import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { AppError, type ErrorCode } from '../errors.ts';
import type { ProblemJson } from './json/basics.ts';

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  'not-signed-in': 401,
  'wrong-password': 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many-attempts': 429,
  busy: 503,
  config: 500,
  'private-address': 422,
  'budget-exceeded': 422,
};

const TITLES: Record<ErrorCode | 'unexpected', string> = {
  invalid: 'The input is not valid',
  'not-signed-in': 'Not signed in',
  'wrong-password': 'Wrong password',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'In conflict with what is there',
  'too-large': 'Too large',
  'too-many-attempts': 'Too many attempts',
  busy: 'Busy',
  config: 'A setting is wrong',
  'private-address': 'A private address',
  'budget-exceeded': "Over the sender's daily budget",
  unexpected: 'Something went wrong here',
};

export type Problem = { status: number; body: ProblemJson; retryAfterSeconds: number | null };

/** What to answer for an error; null when it is a bug and belongs in the log. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof AppError) return problem(error.code, error.message, error.detail);
  const { code, status } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  if (typeof code === 'string' && code.startsWith('SQLITE_')) {
    if (/^SQLITE_(BUSY|LOCKED)/.test(code))
      return problem('busy', 'The database is busy: try again in a moment.', { retryAfterSeconds: 2 });
    if (/^SQLITE_(FULL|READONLY|IOERR)/.test(code))
      return problem(
        'busy',
        'Nothing can be stored now: the disk is full or read-only. What is stored can still be read.',
        { retryAfterSeconds: 30 },
      );
    if (code === 'SQLITE_CONSTRAINT_UNIQUE') return problem('conflict', 'Such an entry exists already.', {});
    if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY')
      return problem('conflict', 'Something this refers to was deleted meanwhile, or is still in use.', {});
  }
  if (error instanceof URIError) return problem('invalid', 'The address of the request is not well formed.', {});
  if (status === 404 || status === 403) return problem('not-found', 'There is nothing here.', {});
  if (typeof status === 'number' && status >= 400 && status < 500)
    return problem('invalid', 'The request cannot be read.', {});
  return null;
}

function problem(code: ErrorCode, detail: string, facts: Record<string, unknown>): Problem {
  const { errors, ...extra } = facts;
  const retry = facts.retryAfterSeconds;
  return {
    status: STATUS[code],
    retryAfterSeconds: typeof retry === 'number' ? retry : null,
    body: {
      type: `urn:todoku:problem:${code}`,
      title: TITLES[code],
      status: STATUS[code],
      code,
      detail,
      ...(Array.isArray(errors) ? { errors: errors as NonNullable<ProblemJson['errors']> } : {}),
      ...(Object.keys(extra).length > 0 ? { extra } : {}),
    },
  };
}

export function sendProblem(response: Response, answer: Problem): void {
  if (answer.retryAfterSeconds !== null) response.set('Retry-After', String(answer.retryAfterSeconds));
  response
    .status(answer.status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(answer.body));
}

/** The end of every request that failed. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    const known = problemOf(error);
    if (!known) log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    if (response.headersSent) return next(error);
    sendProblem(
      response,
      known ?? {
        status: 500,
        retryAfterSeconds: null,
        body: {
          type: 'urn:todoku:problem:unexpected',
          title: TITLES.unexpected,
          status: 500,
          code: 'unexpected',
          detail: 'Something went wrong here. The log says what.',
        },
      },
    );
  };
}
