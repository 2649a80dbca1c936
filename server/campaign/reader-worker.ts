/** The thread in which a campaign is read. Whatever a hostile one does there to time and memory, it does to this thread alone, which reader.ts ends and replaces. */
import { type Read, readCampaign } from './read.ts';

export type ReadTask = { raw: Uint8Array; now: number };

/** Called by the pool by its name. */
export function read({ raw, now }: ReadTask): Read {
  return readCampaign(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), now);
}
