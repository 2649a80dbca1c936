/** How grave a finding is, about a domain or about a campaign, and the words for what needs none. Pure. */
import type { FindingJson } from '../server/api/json/domains.ts';

export type Severity = FindingJson['severity'];

/** From the gravest on. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const satisfies readonly Severity[];

/** `none`: nothing is published, and nothing is wrong with that. `unasked`: DNS gave no answer. */
export type Standing = Severity | 'fine' | 'unknown' | 'none' | 'unasked';
