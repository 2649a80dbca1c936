/**
 * Another world may stand beside the real one: "look around with made-up mailboxes". It has a database, a key and mail servers of its own; the table of routes
 * answers for it under /trial/api, behind the same door. What it is made of is not known here: it is handed in.
 */
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import type { Events } from './events.ts';
import { isoOrNull } from './json/basics.ts';
import { type TrialJson, trialJson } from './json/trial.ts';
import { type Route, route } from './route.ts';

/** What a table of routes answers for. */
export type World = { app: App; events: Events };

export type TrialState = {
  state: 'off' | 'starting' | 'on';
  /** Epoch ms. */
  startedAt: number | null;
  progress: { done: number; of: number } | null;
};

export type Trial = {
  look: () => TrialState;
  /** Starts it, or waits for the start that is under way. There is one at most. @throws AppError `conflict` when it is removed meanwhile */
  start: () => Promise<void>;
  /** Done when nothing of it is left. */
  remove: () => Promise<void>;
  /** For a request: it goes on while there are some. Null while there is none. */
  enter: () => World | null;
};

export function trialRoutes(trial: Trial): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/trial',
      summary: 'Whether the made-up mailboxes are there to look around in',
      reply: trialJson,
      handler: async () => present(trial.look()),
    }),
    route({
      method: 'post',
      path: '/api/trial',
      summary: 'Start the made-up mailboxes; answers when one can look around under /trial',
      access: 'session',
      reply: trialJson,
      status: 201,
      handler: async () => {
        await trial.start();
        return present(trial.look());
      },
    }),
    route({
      method: 'delete',
      path: '/api/trial',
      summary: 'Remove the made-up mailboxes with all that came of them',
      access: 'session',
      handler: async () => {
        await trial.remove();
        return undefined;
      },
    }),
  ];
}

function present({ state, startedAt, progress }: TrialState): TrialJson {
  return { state, startedAt: isoOrNull(startedAt), progress };
}

/** @throws AppError `not-found` */
export function enter(trial: Trial): World {
  const world = trial.enter();
  if (!world) throw new AppError('not-found', 'There are no made-up mailboxes now: POST /api/trial starts them.');
  return world;
}

/** Answers from the other world. @throws AppError `not-found` when it is not there, or was removed meanwhile */
export async function within(trial: Trial, answer: (app: App) => Promise<void>): Promise<void> {
  const world = enter(trial);
  try {
    await answer(world.app);
  } catch (error) {
    // Its database was closed under the request: no failure worth a line in the log.
    if (enter(trial) === world) throw error;
    throw new AppError('not-found', 'The made-up mailboxes were removed meanwhile.');
  }
}
