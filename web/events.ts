/**
 * The live line. The server tells what changed (ids only, never content) over one SSE stream; whatever the pages show of it is fetched anew.
 * Browsers allow six connections to a host over HTTP/1.1, so tabs share one stream: the tab that holds a lock listens and passes on what it hears.
 * Where locks are missing (plain http on another host), each tab listens for itself.
 */
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Change } from '../server/app.ts';
import { addressOf, base } from './base.ts';
import { changedSinceStart, keysOf, readChange } from './changes.ts';
import { heardProgress, heardStep } from './checks.ts';

export type Connection = 'connecting' | 'open' | 'lost';
type Passed =
  | { kind: 'change'; change: Change }
  | { kind: 'connection'; connection: Connection }
  | { kind: 'missed' }
  | { kind: 'hello' };

/** The tabs of one world share a stream; a tab of the other world has another. */
const CHANNEL = `todoku-events${base}`;
/** Changes are gathered this long, so that a run of 100 seeds is not 100 fetches. */
const GATHER_MS = 400;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;

let connection: Connection = 'connecting';
const listeners = new Set<() => void>();

function setConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}

/** Starts listening; the answer stops it. */
export function listen(client: QueryClient): () => void {
  const stopped = new AbortController();
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let wasLost = false;

  const heard = (change: Change): void => {
    if (change.topic === 'check') {
      if (change.progress) heardProgress(change.id, change.progress);
      else heardStep(change.id, change.step);
      return;
    }
    for (const key of keysOf(change)) waiting.set(JSON.stringify(key), key);
    timer ??= setTimeout(() => {
      timer = null;
      const keys = [...waiting.values()];
      waiting.clear();
      for (const queryKey of keys) void client.invalidateQueries({ queryKey });
    }, GATHER_MS);
  };
  const became = (next: Connection): void => {
    setConnection(next);
    if (next === 'lost') wasLost = true;
    // What happened while nobody listened is unknown: everything on screen is fetched anew.
    if (next === 'open' && wasLost) {
      wasLost = false;
      void client.invalidateQueries();
    }
  };

  const missed = (): void => void client.invalidateQueries();

  let leading = false;
  channel?.addEventListener('message', (event: MessageEvent<Passed>) => {
    if (event.data.kind === 'change') heard(event.data.change);
    else if (event.data.kind === 'connection') became(event.data.connection);
    else if (event.data.kind === 'missed') missed();
    else if (leading) channel.postMessage({ kind: 'connection', connection } satisfies Passed);
  });

  const lead = (): Promise<void> => {
    leading = true;
    return hold(
      stopped.signal,
      (change) => {
        heard(change);
        channel?.postMessage({ kind: 'change', change } satisfies Passed);
      },
      (next) => {
        became(next);
        channel?.postMessage({ kind: 'connection', connection: next } satisfies Passed);
      },
      () => {
        missed();
        channel?.postMessage({ kind: 'missed' } satisfies Passed);
      },
    );
  };
  if (navigator.locks && channel) {
    channel.postMessage({ kind: 'hello' } satisfies Passed);
    navigator.locks.request(CHANNEL, { signal: stopped.signal }, lead).catch((error: unknown) => {
      if (!stopped.signal.aborted) throw error;
    });
  } else {
    void lead();
  }

  return () => {
    stopped.abort();
    channel?.close();
    if (timer !== null) clearTimeout(timer);
    setConnection('connecting');
  };
}

/** Holds the stream open until the signal, opening it again with growing waits whenever it ends. */
function hold(
  signal: AbortSignal,
  onChange: (change: Change) => void,
  onConnection: (next: Connection) => void,
  onMissed: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    let isFirst = true;
    let wait = FIRST_RETRY_MS;
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | null = null;
    const open = (): void => {
      source = new EventSource(addressOf('/api/events'));
      source.onopen = () => {
        wait = FIRST_RETRY_MS;
        onConnection('open');
      };
      const onData = (event: MessageEvent<string>): void => {
        const change = readChange(event.data);
        if (change) onChange(change);
      };
      source.addEventListener('hello', (event: MessageEvent<string>) => {
        // Later streams follow a lost one, after which everything is fetched anew in any case.
        if (isFirst && changedSinceStart(event.data)) onMissed();
        isFirst = false;
      });
      source.addEventListener('change', onData);
      source.onmessage = onData;
      source.onerror = () => {
        // The browser's own retry gives up on an error answer (503 from a proxy while the server restarts): do it ourselves.
        source?.close();
        onConnection('lost');
        retry = setTimeout(open, wait);
        wait = Math.min(LAST_RETRY_MS, wait * 2);
      };
    };
    signal.addEventListener('abort', () => {
      source?.close();
      if (retry !== null) clearTimeout(retry);
      resolve();
    });
    open();
  });
}
