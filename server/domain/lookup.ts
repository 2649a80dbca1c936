/**
 * Asks DNS what an audit wants to know, and adds nothing. Within one check a question is asked once, whatever its TTL, so that all protocols
 * judge the same answers; what does not depend on each other is asked at the same time.
 */
import type { DnsAnswer, DnsClient, DnsType } from '../dns/client.ts';
import { Answers } from './answers.ts';
import { plainName } from './name.ts';

export type Ask = <T extends DnsType>(name: string, type: T) => Promise<DnsAnswer<T>>;

/** For one check: the second one to ask is given what the first one got. */
export function createAsk(dns: Pick<DnsClient, 'query'>): Ask {
  const asked = new Map<string, Promise<DnsAnswer>>();
  return <T extends DnsType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    const key = `${type} ${plainName(name)}`;
    let answer = asked.get(key);
    if (answer === undefined) {
      answer = dns.query(name, type);
      asked.set(key, answer);
    }
    return answer as Promise<DnsAnswer<T>>;
  };
}

/** Longer chains of questions no honest domain has; a hostile one gets no more. */
const MAX_ROUNDS = 40;

/** Calls `read` with what is known, asks what it missed, and calls it again until it misses nothing. */
export async function lookUp<Facts>(ask: Ask, read: (answers: Answers) => Facts): Promise<Facts> {
  const answers = new Answers();
  for (let round = 0; ; round++) {
    const facts = read(answers);
    const missing = answers.takeMissing();
    if (missing.length === 0 || round === MAX_ROUNDS) return facts;
    await Promise.all(
      missing.map(async (question) => {
        answers.put(question, await ask(question.name, question.type));
      }),
    );
  }
}
