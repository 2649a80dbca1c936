/**
 * Asks DNS what an audit wants to know, and adds nothing. Within one check a question is asked once, whatever its TTL, so that all protocols
 * judge the same answers; what does not depend on each other is asked at the same time.
 */
import type { DnsAnswer, DnsClient, DnsType } from '../dns/client.ts';
import { Answers, keyOf, type Question } from './answers.ts';

export type Ask = <T extends DnsType>(name: string, type: T) => Promise<DnsAnswer<T>>;

/** For one check: the second one to ask is given what the first one got. */
export function createAsk(dns: Pick<DnsClient, 'query'>): Ask {
  const asked = new Map<string, Promise<DnsAnswer>>();
  return <T extends DnsType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    const key = keyOf(name, type);
    let answer = asked.get(key);
    if (answer === undefined) {
      answer = dns.query(name, type);
      asked.set(key, answer);
    }
    return answer as Promise<DnsAnswer<T>>;
  };
}

/** More questions no honest domain needs; a hostile one gets no more. */
const MAX_QUESTIONS = 500;

/** Calls `read` with what is known, asks what it missed, and calls it again with each answer that comes, until it misses nothing. */
export async function lookUp<Facts>(ask: Ask, read: (answers: Answers) => Facts): Promise<Facts> {
  const answers = new Answers();
  const seen = new Set<string>();
  const waiting = new Map<Question, Promise<void>>();
  for (;;) {
    const facts = read(answers);
    for (const question of answers.takeMissing()) {
      const key = keyOf(question.name, question.type);
      if (seen.has(key) || seen.size >= MAX_QUESTIONS) continue;
      seen.add(key);
      const answered = ask(question.name, question.type).then((answer) => {
        answers.put(question, answer);
        waiting.delete(question);
      });
      waiting.set(question, answered);
    }
    if (waiting.size === 0) return facts;
    // One slow server does not hold up what does not depend on it.
    await Promise.race(waiting.values());
  }
}
