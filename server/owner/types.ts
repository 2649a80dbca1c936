/** There is one owner. Who comes in is the owner, by one of two ways, a screen on the wall, which sees one summary and nothing else, or nobody. */
export type Identity =
  | { kind: 'session'; id: string }
  | { kind: 'token'; id: string; name: string }
  | { kind: 'wall'; id: string; name: string; monitorId: string | null };

export const MIN_PASSWORD_LENGTH = 10;
/** Longer ones are refused before they are hashed. */
export const MAX_PASSWORD_LENGTH = 1000;

/** Sign-in attempts that may reach the hash in any quarter of an hour. */
export const MAX_ATTEMPTS = 10;
export const ATTEMPT_WINDOW_MS = 15 * 60_000;
