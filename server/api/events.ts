/**
 * Live updates: one stream of server-sent events (HTML Living Standard §9.2) per tab. It tells what changed, ids only; the page fetches the rest. Nothing is replayed:
 * a page that was away, or that something changed for while its stream opened, fetches everything anew, which is what it would have to do anyway.
 */
import type { Response } from 'express';
import type { Logger } from 'pino';
import type { Change } from '../app.ts';
import { AppError } from '../errors.ts';
import { type Route, route } from './route.ts';

const HEARTBEAT_MS = 15_000;
/** Changes are gathered this long: a run of 300 probes is not 300 packets to each tab. */
const GATHER_MS = 100;
/** A reader with more than this waiting is gone or too slow: it is cut off, and comes back and fetches anew. */
const MAX_WAITING_BYTES = 256 * 1024;
const MAX_STREAMS = 200;

export type Events = {
  /** Tells open browsers; never throws. */
  announce: (change: Change) => void;
  /** Answers with the stream, until the reader goes or `lives` says no. */
  open: (response: Response, lives: () => Promise<boolean>) => void;
  count: () => number;
  /** Ends the streams of whoever may not be here any more; never throws. */
  recheck: () => Promise<void>;
  /** Ends all streams. */
  close: () => void;
};

type Stream = { response: Response; lives: () => Promise<boolean> };

export function createEvents(log: Logger): Events {
  const streams = new Set<Stream>();
  const waiting = new Map<string, Change>();
  let gather: NodeJS.Timeout | null = null;
  let closed = false;
  /** When the last change was told, whoever listened; on a clock that nobody sets. */
  let lastChange: number | null = null;

  function write(stream: Stream, text: string): void {
    const { response } = stream;
    if (response.writableLength > MAX_WAITING_BYTES) {
      log.debug({ waiting: response.writableLength }, 'slow reader of events cut off');
      end(stream);
      response.destroy();
      return;
    }
    response.write(text);
  }

  function end(stream: Stream): void {
    streams.delete(stream);
  }

  function flush(): void {
    gather = null;
    const text = [...waiting.values()].map((change) => `event: change\ndata: ${JSON.stringify(change)}\n\n`).join('');
    waiting.clear();
    for (const stream of streams) write(stream, text);
  }

  /** Ends the streams of sessions that ended and of tokens that were revoked. */
  async function recheck(): Promise<void> {
    for (const stream of [...streams]) {
      const lives = await stream.lives().catch((error: unknown) => {
        // A busy database is no reason to cut anybody off.
        log.warn({ err: error }, 'a stream could not be checked');
        return true;
      });
      if (lives) continue;
      end(stream);
      stream.response.end();
    }
  }

  const heartbeat = setInterval(() => {
    for (const stream of streams) write(stream, ': here\n\n');
    void recheck();
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    announce(change) {
      if (closed) return;
      lastChange = performance.now();
      if (change.topic === 'setting') void recheck();
      if (streams.size === 0) return;
      waiting.set(`${change.topic} ${change.id}`, change);
      gather ??= setTimeout(flush, GATHER_MS);
    },
    open(response, lives) {
      if (closed || streams.size >= MAX_STREAMS)
        throw new AppError('busy', 'Too many pages are open at once.', { retryAfterSeconds: 30 });
      // no-transform keeps compression from holding events back.
      response.status(200).set({
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-cache, no-transform',
        'X-Accel-Buffering': 'no',
      });
      const stream: Stream = { response, lives };
      streams.add(stream);
      response.on('close', () => end(stream));
      response.on('error', () => end(stream));
      // A page that began to fetch before its stream was open learns whether it missed something meanwhile.
      const hello = { quietMs: lastChange === null ? null : Math.round(performance.now() - lastChange) };
      response.write(`retry: 3000\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`);
    },
    count: () => streams.size,
    recheck,
    close() {
      closed = true;
      clearInterval(heartbeat);
      if (gather) clearTimeout(gather);
      for (const stream of streams) stream.response.end();
      streams.clear();
    },
  };
}

/** @param events those of the world that is asked */
export function eventRoutes(events: () => Events): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/events',
      summary: 'What changes, as server-sent events: `change` with topic and id',
      stream: true,
      handler: async (_app, _input, { remains, response }) => {
        events().open(response, remains);
        return undefined;
      },
    }),
  ];
}
