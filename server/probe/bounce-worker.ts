/** The thread in which a stranger's report is read: a hostile one holds only this, and bounces.ts ends it when its time is up. */
import { type Bounce, parseBounce } from './bounce.ts';

/** Called by the pool by its name. */
export function readReport(raw: Uint8Array): Promise<Bounce | null> {
  return parseBounce(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
}
