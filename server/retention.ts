/**
 * How long raw mails and results (probes, audits of campaigns) are kept, as the owner has set it. Forgetting goes on beside all other work, in pieces that are made smaller when they take long: nobody
 * waits for more than one, and between two of them everybody else has their turn. Raw mails go first: they are most of what is stored.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { forgetAudits, forgetCampaignMessages, forgetCampaigns, forgetMessages, forgetProbes } from '../db/forget.ts';
import type { App } from './app.ts';

const DAY_MS = 86_400_000;

/** Days; null: kept for ever. Hourly counts always stay. */
export type Retention = { messageDays: number | null; probeDays: number | null };

/** The setting as stored, or what holds without one. */
export function retentionOf(value: unknown): Retention {
  const { messageDays, probeDays } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Retention>;
  const days = (given: unknown, otherwise: number | null): number | null =>
    given === null || Number.isInteger(given) ? (given as number | null) : otherwise;
  return { messageDays: days(messageDays, 90), probeDays: days(probeDays, null) };
}

const FIRST_PIECE = 16;
const SMALLEST_PIECE = 4;
const LARGEST_PIECE = 256;
/** What a piece should take: every now and then one brings SQLite to move its journal into the file, which takes several times as long. */
const PIECE_MS = 8;
/** At least this long others have their turn; and as long as the piece took, so that forgetting never takes more than half of the time. */
const PAUSE_MS = 4;

/** The size of the next piece: smaller at once, larger step by step. */
export function nextPiece(size: number, tookMs: number): number {
  const fitting = Math.floor(size * Math.min(1.5, PIECE_MS / Math.max(tookMs, 0.001)));
  return Math.min(LARGEST_PIECE, Math.max(SMALLEST_PIECE, fitting));
}

/** `messages`: of probes and of campaigns. */
export type Forgotten = { messages: number; probes: number; audits: number; pieces: number };

/** Forgets all that is due. @param signal stops it between two pieces; the next time goes on where it stood */
export async function forgetDue(
  app: Pick<App, 'db' | 'now'>,
  retention: Retention,
  signal: AbortSignal,
): Promise<Forgotten> {
  const now = app.now();
  const forgotten: Forgotten = { messages: 0, probes: 0, audits: 0, pieces: 0 };
  let size = FIRST_PIECE;
  /** Until a piece says that it was the last. */
  const inPieces = async (piece: (most: number) => Promise<boolean>): Promise<void> => {
    size = Math.min(size, FIRST_PIECE);
    for (let more = true; more && !signal.aborted; ) {
      const startedAt = performance.now();
      more = await piece(size);
      const took = performance.now() - startedAt;
      forgotten.pieces++;
      size = nextPiece(size, took);
      await sleep(Math.max(PAUSE_MS, took));
    }
  };
  if (retention.messageDays !== null) {
    const before = now - retention.messageDays * DAY_MS;
    let after = '';
    await inPieces(async (most) => {
      const piece = await forgetMessages(app.db, { before, after, most, now });
      forgotten.messages += piece.forgotten;
      after = piece.next ?? '';
      return piece.next !== null;
    });
    await inPieces(async (most) => {
      const count = await forgetCampaignMessages(app.db, { before, most });
      forgotten.messages += count;
      return count === most;
    });
  }
  if (retention.probeDays !== null) {
    const before = now - retention.probeDays * DAY_MS;
    await inPieces(async (most) => {
      const piece = await forgetProbes(app.db, { before, most });
      forgotten.probes += piece.forgotten;
      return piece.more;
    });
    // An audit is a result like others. Its probes are gone by now, so that little hangs on it.
    await inPieces(async (most) => {
      const count = await forgetAudits(app.db, { before, most });
      forgotten.audits += count;
      return count === most;
    });
    // What nobody touched for as long goes whole: each CI run may have made one.
    await inPieces(async (most) => (await forgetCampaigns(app.db, { before, most })) === most);
  }
  return forgotten;
}
