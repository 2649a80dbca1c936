/** Whether the made-up mailboxes are there: asked at the root, from the pages of both worlds. */
import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { base } from './base.ts';
import { useConnection } from './events.ts';

const KEY = ['trial'];
export const trialQuery = { queryKey: KEY, queryFn: api.trial.read };

/** @param starting asked to start a moment ago: its progress is wanted */
export function useTrial(starting = false) {
  return useQuery({
    ...trialQuery,
    refetchInterval: ({ state }) => (starting || state.data?.state === 'starting' ? 250 : false),
  });
}

/** True on pages of made-up mailboxes that are not there: they were removed in another tab, or ended by themselves. */
export function useTrialGone(): boolean {
  const lost = useConnection() === 'lost';
  const { data } = useQuery({
    ...trialQuery,
    enabled: base !== '',
    // Their stream ends with them, so a lost line is a reason to ask.
    refetchInterval: lost ? 1000 : false,
  });
  return base !== '' && data !== undefined && data.state !== 'on';
}
