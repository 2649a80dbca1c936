/**
 * The only error a person sees. A bug throws anything else: it is caught once, at the top of a request or a job,
 * logged, and shown as "something went wrong here", never as a stack.
 */

/** Every code an AppError can carry; the sentence in `message` is English, pages translate by code where they can. */
export type ErrorCode =
  | 'invalid' // the input breaks a rule: 400
  | 'not-signed-in' // 401
  | 'wrong-password' // 401
  | 'forbidden' // 403
  | 'not-found' // 404
  | 'conflict' // 409
  | 'too-large' // 413
  | 'too-many-attempts' // 429
  | 'busy' // 503, with Retry-After
  | 'config' // a setting is wrong: the start stops
  | 'private-address' // an address this installation may not talk to
  | 'budget-exceeded'; // a plan that breaks a sender's daily limit

export class AppError extends Error {
  readonly code: ErrorCode;
  /** What was wrong and where, for programs: field paths, limits, seconds to wait. Never a secret. */
  readonly detail: Record<string, unknown>;

  /** @param message one clear sentence that says what to do */
  constructor(code: ErrorCode, message: string, detail: Record<string, unknown> = {}) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }
}
