/**
 * The thread in which a stranger's mail is opened and its HTML cleaned. Whatever it does there to time and memory, it does to this thread alone, which previews.ts ends and
 * replaces.
 */
import { gunzipSync } from 'node:zlib';
import { readPreview } from './read.ts';
import type { Preview } from './types.ts';

/** Larger than any message that is kept. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Called by piscina by its name. @param gzip the raw message as it is stored */
export async function preview(gzip: Uint8Array): Promise<Preview> {
  return readPreview(gunzipSync(gzip, { maxOutputLength: MAX_BYTES }));
}
