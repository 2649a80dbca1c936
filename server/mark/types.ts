/**
 * A mark is something that happened at a moment and may explain why the numbers changed then: somebody changed a monitor, a server held a sender, a seed
 * could not be read. It is drawn into the charts where it happened. It says what was done, never that it was the cause.
 */
export const MARK_REASONS = [
  'monitor-message-changed',
  'monitor-seeds-changed',
  'monitor-sender-changed',
  'monitor-schedule-changed',
  'monitor-paused',
  'monitor-resumed',
  'sender-held',
  'sender-paused',
  'sender-resumed',
  'seed-unreadable',
  'seed-readable',
  'domain-record-changed',
] as const;
export type MarkReason = (typeof MARK_REASONS)[number];
