/** Takes in a file from a request: streamed to the disk, and refused as soon as it cannot be a database. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AppError } from '../errors.ts';
import { diskFull } from './worker.ts';

/** The first bytes of every SQLite file (its file format, §1.3.1). */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** Piece by piece, as fast as the disk takes it; never more of it in memory than one piece. */
export async function writeDown(body: Readable, file: string, room: number): Promise<void> {
  const handle = await open(file, 'r+');
  let bytes = 0;
  let head = Buffer.alloc(0);
  try {
    // Refused half way, the rest runs dry and the sender hears why; destroyed, it would only see the line break.
    for await (const piece of body.iterator({ destroyOnReturn: false })) {
      const chunk = piece as Buffer;
      if (head.length < MAGIC.length) head = Buffer.concat([head, chunk.subarray(0, MAGIC.length - head.length)]);
      if (!head.equals(MAGIC.subarray(0, head.length))) throw noDatabase();
      bytes += chunk.length;
      if (bytes > room) throw diskFull();
      await handle.writeFile(chunk);
    }
    if (head.length < MAGIC.length) throw noDatabase();
  } catch (error) {
    body.resume();
    const { code = '' } = error as { code?: string };
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
      throw new AppError('invalid', 'The request broke off.', { reason: 'broken-off' });
    throw code === 'ENOSPC' ? diskFull() : error;
  } finally {
    await handle.close();
  }
}

function noDatabase(): AppError {
  return new AppError('invalid', 'This is no database.', { reason: 'no-database' });
}
