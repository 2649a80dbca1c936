/** Answers kept for as long as their TTL lets them, oldest out first when there are too many. */

type Entry<T> = { value: T; until: number };

export class AnswerCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #capacity: number;

  /** @param capacity entries at most */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @param now epoch milliseconds */
  get(key: string, now: number): { value: T; secondsLeft: number } | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (entry.until <= now) {
      this.#entries.delete(key);
      return null;
    }
    return { value: entry.value, secondsLeft: Math.ceil((entry.until - now) / 1000) };
  }

  /** @param ttl seconds, more than 0 */
  set(key: string, value: T, ttl: number, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now + ttl * 1000 });
    if (this.#entries.size <= this.#capacity) return;
    // A Map keeps the order of insertion, so the first key is the oldest.
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  clear(): void {
    this.#entries.clear();
  }
}
