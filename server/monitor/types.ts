/**
 * A monitor is what the user sets up to watch: a sender, a message, a set of seeds and a schedule. Each firing is a run.
 */
import type { ProbeMessage } from '../probe/templates/types.ts';

export const TEMPLATE_IDS = ['plain', 'one-link', 'newsletter', 'varied'] as const;
/** `varied` takes the others in turn, so that a filter never sees the same body twice. */
export type TemplateId = (typeof TEMPLATE_IDS)[number];

/** The message of a monitor: a built-in template, or the user's own words. */
export type MonitorMessage = ProbeMessage;

/** Cron text and the zone it is meant in. */
export type MonitorSchedule = { cron: string; timeZone: string };

export const RUN_STATES = ['running', 'watching', 'complete'] as const;
/**
 * `running`: some probe is not sent yet or not yet due to be called missing. `watching`: every probe has an outcome but late ones may
 * still turn up. `complete`: nothing will change any more.
 */
export type RunState = (typeof RUN_STATES)[number];

export const DEFAULT_LATE_AFTER_MS = 5 * 60_000;
export const DEFAULT_MISSING_AFTER_MS = 6 * 3_600_000;
export const DEFAULT_WATCH_MS = 48 * 3_600_000;
