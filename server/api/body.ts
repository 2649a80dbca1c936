/**
 * Reads the body of a request up to a limit. A body that says it is too large is refused before a byte of it is read, one that turns out to be as soon as it
 * does; the sender hears it at once, while Node lets the rest run dry. (body-parser answers only after the last byte: a slow sender would
 * hold the line for minutes.)
 */
import type { Request } from 'express';
import { AppError } from '../errors.ts';

export type ReadBody = { type: 'json' | 'csv' | 'message'; value: unknown } | null;

/** What a route takes besides JSON. */
export type Taken = { csv: boolean; message: { limit: number } | null };

/**
 * @returns null when there is no body of a type that is understood
 * @throws AppError `too-large`, `invalid`
 */
export async function readBody(request: Request, jsonLimit: number, taken: Taken): Promise<ReadBody> {
  const type = request.is(['application/json', 'application/*+json'])
    ? 'json'
    : taken.csv && request.is('text/csv')
      ? 'csv'
      : taken.message !== null && request.is('message/rfc822')
        ? 'message'
        : null;
  if (type === null) return null;
  const limit = type === 'message' && taken.message !== null ? taken.message.limit : jsonLimit;
  const bytes = await readFileBody(request, limit);
  if (type === 'message') return { type, value: bytes };
  const text = decoded(bytes);
  if (type === 'csv') return { type, value: text };
  try {
    return { type, value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) throw new AppError('invalid', 'The body is no JSON.');
    throw error;
  }
}

/**
 * The body as it comes, whatever its type.
 * @param limit bytes
 * @throws AppError `too-large`, `invalid`
 */
export async function readFileBody(request: Request, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new AppError('invalid', 'Send the body without compression.');
  return readBytes(request, limit);
}

function tooLarge(limit: number): AppError {
  return new AppError(
    'too-large',
    `The request is larger than the ${limit / 1_000_000} MB that this installation allows.`,
    { limit },
  );
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw error instanceof TypeError ? new AppError('invalid', 'The body is no UTF-8.') : error;
  }
}

function readBytes(request: Request, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      request.off('data', onData);
      request.resume();
      reject(tooLarge(limit));
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('aborted', () => reject(new AppError('invalid', 'The request broke off.')));
    request.once('error', reject);
  });
}
