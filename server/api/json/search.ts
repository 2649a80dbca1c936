/** What a search finds. */
import { z } from 'zod';
import { timeJson } from './basics.ts';

export const SEARCH_KINDS = ['monitor', 'seed', 'sender', 'domain', 'campaign', 'audit', 'run', 'probe'] as const;
export const SEARCH_MATCHES = [
  'name',
  'address',
  'host',
  'tag',
  'provider',
  'subject',
  'monitor',
  'campaign',
  'id',
  'token',
  'message-id',
] as const;

export const searchQuery = z.object({
  q: z.string().trim().min(1).max(300).meta({
    description:
      'Words that must all be there; or a token, a Message-ID (with or without brackets), or the beginning of one',
  }),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});

export const searchItemJson = z
  .object({
    kind: z.enum(SEARCH_KINDS),
    id: z.string(),
    title: z.string().meta({
      description: 'Name or address; of a run its monitor, of an audit its campaign, of a probe the address it went to',
    }),
    detail: z.string().meta({ description: 'Address, host, state or subject: what tells it from its like' }),
    at: timeJson.nullable().meta({ description: 'When a run, audit or probe began' }),
    match: z.enum(SEARCH_MATCHES).meta({ description: 'What fits the search best' }),
  })
  .meta({ id: 'SearchItem' });
export type SearchItemJson = z.infer<typeof searchItemJson>;
export const searchJson = z.object({ items: z.array(searchItemJson) }).meta({ id: 'Search' });
export type SearchJson = z.infer<typeof searchJson>;
