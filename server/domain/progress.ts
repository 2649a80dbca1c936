/**
 * How far a check is, for whoever watches it: for each protocol what was answered of what was asked so far, counted in what people count there (lookups of SPF,
 * selectors, mail servers), and what it waits for. Only told, never waited for.
 */
import { PROTOCOLS, type Protocol } from './types.ts';

export const PROGRESS_UNITS = ['lookups', 'selectors', 'servers', 'questions'] as const;
export type ProgressUnit = (typeof PROGRESS_UNITS)[number];

export type ProgressPart = {
  protocol: Protocol;
  done: boolean;
  unit: ProgressUnit;
  count: number;
  /** Of so many as are known by now; of lookups, of so many as are allowed. */
  of: number;
  /** What has been waited for longest: `TXT _dmarc.example.com`, a URL, a mail server. */
  waiting: { what: string; ms: number } | null;
};

/** One protocol's part, as the check goes on. */
export type Part = {
  /** @returns to be called with the answer */
  asks: (what: string, isServer?: boolean) => () => void;
  /** Counts in other units from now on. */
  tell: (unit: ProgressUnit, count: number, of: number) => void;
  end: () => void;
};

export type Progress = {
  begin: (protocol: Protocol) => Part;
  /** In the order of the protocols. */
  parts: () => ProgressPart[];
};

type State = {
  done: boolean;
  told: { unit: ProgressUnit; count: number; of: number } | null;
  asked: number;
  answered: number;
  servers: { asked: number; answered: number };
  /** Since when each is waited for; the oldest first. */
  waiting: Map<symbol, { what: string; since: number }>;
};

export function createProgress(now: () => number): Progress {
  const states = new Map<Protocol, State>();
  return {
    begin(protocol) {
      const state: State = {
        done: false,
        told: null,
        asked: 0,
        answered: 0,
        servers: { asked: 0, answered: 0 },
        waiting: new Map(),
      };
      states.set(protocol, state);
      return {
        asks(what, isServer = false) {
          const question = Symbol(what);
          state.waiting.set(question, { what, since: now() });
          state.asked++;
          if (isServer) state.servers.asked++;
          return () => {
            if (!state.waiting.delete(question)) return;
            state.answered++;
            if (isServer) state.servers.answered++;
          };
        },
        tell(unit, count, of) {
          state.told = { unit, count, of };
        },
        end() {
          state.done = true;
        },
      };
    },
    parts: () =>
      PROTOCOLS.flatMap((protocol) => {
        const state = states.get(protocol);
        return state === undefined ? [] : [present(protocol, state, now())];
      }),
  };
}

function present(protocol: Protocol, state: State, now: number): ProgressPart {
  const { done, told, servers, waiting } = state;
  const [oldest] = waiting.values();
  const counted =
    told ??
    (protocol === 'mx' && servers.asked > 0
      ? { unit: 'servers' as const, count: servers.answered, of: servers.asked }
      : { unit: 'questions' as const, count: state.answered, of: state.asked });
  return {
    protocol,
    done,
    ...counted,
    waiting: done || oldest === undefined ? null : { what: oldest.what, ms: Math.max(0, now - oldest.since) },
  };
}

/** The one thing that holds up a check, once it has for a while. */
export function longestWait(parts: readonly ProgressPart[], leastMs: number): ProgressPart['waiting'] {
  const waits = parts.flatMap(({ waiting }) => (waiting !== null && waiting.ms >= leastMs ? [waiting] : []));
  return waits.sort((a, b) => b.ms - a.ms)[0] ?? null;
}
