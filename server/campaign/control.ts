/**
 * Is it the content, or the sender? A plain control mail goes to the same seeds beside the campaign, by the same sender. Where the control arrives and the campaign does
 * not, the content is at fault; where neither does, the sender is. Anything that chance may have done is called not enough data. Pure.
 */
import { fisher, mcnemar } from '../probe/exact.ts';
import { wilson } from '../probe/rates.ts';

/** `reversed`: the control does clearly worse than the campaign. */
export const ANSWERS = ['content', 'sender', 'neither', 'reversed', 'not-enough-data'] as const;
export type Answer = (typeof ANSWERS)[number];

export type Comparison = {
  answer: Answer;
  test: 'mcnemar' | 'fisher';
  /** Null: not enough data. */
  p: number | null;
  /** Seeds: in which both arrived, one alone, none. */
  both: number;
  onlyCampaign: number;
  onlyControl: number;
  none: number;
};

const SIGNIFICANT = 0.05;
const ENOUGH = 5;

/** Whether the mails of one kind arrived in the inbox of a seed, by its id: the share of them, 0…1. */
export type Shares = ReadonlyMap<string, number>;

/**
 * Seeds that have an answer to both are pairs; where there are too few of those, both groups are compared as they are.
 * @param wanted the share that must arrive
 */
export function compareArms(campaign: Shares, control: Shares, wanted: number): Comparison {
  const arrived = (share: number | undefined): boolean => (share ?? 0) > 0.5;
  const pairs = [...campaign.keys()].filter((seed) => control.has(seed));
  const counted = { both: 0, onlyCampaign: 0, onlyControl: 0, none: 0 };
  for (const seed of pairs) {
    const [mine, plain] = [arrived(campaign.get(seed)), arrived(control.get(seed))];
    counted[mine ? (plain ? 'both' : 'onlyCampaign') : plain ? 'onlyControl' : 'none']++;
  }
  const sum = (shares: Shares) => ({ count: [...shares.values()].filter(arrived).length, n: shares.size });
  const isPaired = pairs.length >= ENOUGH;
  const test = isPaired ? 'mcnemar' : 'fisher';
  const [a, b] = [sum(campaign), sum(control)];
  if (!isPaired && (a.n < ENOUGH || b.n < ENOUGH)) return { answer: 'not-enough-data', test, p: null, ...counted };
  const p = Math.round((isPaired ? mcnemar(counted.onlyCampaign, counted.onlyControl) : fisher(a, b)) * 1e6) / 1e6;
  return { answer: answer(p, a, b, wanted), test, p, ...counted };
}

type Sum = { count: number; n: number };

function answer(p: number, campaign: Sum, control: Sum, wanted: number): Answer {
  if (p < SIGNIFICANT) return campaign.count / campaign.n < control.count / control.n ? 'content' : 'reversed';
  const range = [campaign, control].map(({ count, n }) => wilson(count, n));
  if (range.every(({ high }) => high < wanted)) return 'sender';
  if (range.every(({ low }) => low >= wanted)) return 'neither';
  return 'not-enough-data';
}
