/**
 * Where a probe can end, in the one order and the one set of colours that every chart, badge and table uses. A test mail that
 * was taken by the receiving server can still lie in a tab, in the spam folder, or nowhere at all, so "delivered" is not one
 * colour here. The hues were picked to stay apart for red-green and blue-yellow blindness, and never stand alone: each has an
 * icon and a word beside it. "Late" is a clock on any of them, not a colour of its own.
 */
import type { Outcome, PlacementKind } from '../server/probe/types.ts';

/** What a page says of one probe, in the order in which stacks and legends are drawn. */
export const VERDICTS = [
  'inbox',
  'tab',
  'other',
  'spam',
  'rejected',
  'bounced',
  'deferred',
  'missing',
  'unknown',
  'waiting',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdicts that charts stack: waiting probes are not facts yet. */
export type CountedVerdict = Exclude<Verdict, 'waiting'>;
export const STACKED: readonly CountedVerdict[] = VERDICTS.filter((verdict) => verdict !== 'waiting');

export type Scheme = 'light' | 'dark';
type Tone = { fill: string; text: string; wash: string };

const TONES: Record<Verdict, Record<Scheme, Tone>> = {
  inbox: {
    light: { fill: '#0e8f82', text: '#08655c', wash: '#dff3f0' },
    dark: { fill: '#2fb5a6', text: '#6fdccf', wash: '#11332f' },
  },
  tab: {
    light: { fill: '#4a86e0', text: '#1f56a8', wash: '#e4eefc' },
    dark: { fill: '#6ea2f2', text: '#a3c5fa', wash: '#18294a' },
  },
  other: {
    light: { fill: '#8799ad', text: '#465a70', wash: '#e9eef3' },
    dark: { fill: '#7e92a8', text: '#b4c3d3', wash: '#232d38' },
  },
  spam: {
    light: { fill: '#e2582a', text: '#a8350f', wash: '#fdeae3' },
    dark: { fill: '#f47848', text: '#ffab88', wash: '#45200f' },
  },
  rejected: {
    light: { fill: '#8c1c2f', text: '#8c1c2f', wash: '#f8e4e7' },
    dark: { fill: '#c8445b', text: '#f5a0af', wash: '#40161f' },
  },
  bounced: {
    light: { fill: '#a63a4b', text: '#8c1c2f', wash: '#f8e4e7' },
    dark: { fill: '#dd7386', text: '#f5a0af', wash: '#40161f' },
  },
  deferred: {
    light: { fill: '#b9822b', text: '#7a4f07', wash: '#faf0dd' },
    dark: { fill: '#d9a54e', text: '#f0cd8f', wash: '#3a2b0f' },
  },
  missing: {
    light: { fill: '#1d1d26', text: '#1d1d26', wash: '#e4e4e8' },
    dark: { fill: '#f4f4f6', text: '#f4f4f6', wash: '#3b3b44' },
  },
  unknown: {
    light: { fill: '#a3a3ad', text: '#5a5a66', wash: '#efeff2' },
    dark: { fill: '#70707c', text: '#b5b5c0', wash: '#2a2a31' },
  },
  waiting: {
    light: { fill: '#d3d3da', text: '#5a5a66', wash: '#f4f4f6' },
    dark: { fill: '#45454f', text: '#b5b5c0', wash: '#25252b' },
  },
};

/** The colours of a verdict: `fill` for areas, `text` for words on `wash` or on the page, `wash` for badges and cells. */
export function tone(verdict: Verdict, scheme: Scheme): Tone {
  return TONES[verdict][scheme];
}

/** Unknown is drawn hatched: it is the absence of a measurement. */
export function isHatched(verdict: Verdict): boolean {
  return verdict === 'unknown';
}

/** What to call a probe, from the two words that the server keeps. */
export function verdictOf(outcome: Outcome, kind: PlacementKind | null): Verdict {
  switch (outcome) {
    case 'placed':
      return kind ?? 'other';
    case 'rejected':
    case 'bounced':
    case 'deferred':
    case 'missing':
    case 'unknown':
      return outcome;
    default:
      return 'waiting';
  }
}

/** RFC 8601 words as one of four signs: pass, fail, neither, or "ask again later". */
export type Sign = 'pass' | 'fail' | 'neutral' | 'temporary';
export function signOf(result: string): Sign {
  if (result === 'pass') return 'pass';
  if (result === 'fail' || result === 'softfail' || result === 'permerror') return 'fail';
  if (result === 'temperror') return 'temporary';
  return 'neutral';
}

export const SIGN_TONES: Record<Sign, Record<Scheme, Tone>> = {
  pass: TONES.inbox,
  fail: {
    light: { fill: '#c0272d', text: '#a31d22', wash: '#fbe5e5' },
    dark: { fill: '#e5565b', text: '#ff9c9f', wash: '#45191b' },
  },
  neutral: TONES.unknown,
  temporary: TONES.deferred,
};

/** Steps of a rate of which more is better, from the best down; a heatmap shades its cells by them. */
export const RATE_STEPS = [0.95, 0.8, 0.5, 0.2, 0] as const;

const STEP_TONES: Record<Scheme, readonly { fill: string; text: string }[]> = {
  light: [
    { fill: '#0e8f82', text: '#ffffff' },
    { fill: '#8fd0c8', text: '#0b3f3a' },
    { fill: '#f2dfc3', text: '#4d3a12' },
    { fill: '#f3a47f', text: '#4f1d06' },
    { fill: '#c94517', text: '#ffffff' },
  ],
  dark: [
    { fill: '#2fb5a6', text: '#06211e' },
    { fill: '#22857a', text: '#ffffff' },
    { fill: '#6b5c43', text: '#ffffff' },
    { fill: '#a9512c', text: '#ffffff' },
    { fill: '#f47848', text: '#2a0d02' },
  ],
};

/** The colours of one of `RATE_STEPS`: from the colour of the inbox to that of spam. */
export function stepTone(step: number, scheme: Scheme): { fill: string; text: string } {
  return STEP_TONES[scheme][step] ?? TONES.unknown[scheme];
}

/** Which step a rate stands on. @param value 0 to 1 */
export function stepOf(value: number): number {
  const step = RATE_STEPS.findIndex((least) => value >= least);
  return step === -1 ? RATE_STEPS.length - 1 : step;
}
