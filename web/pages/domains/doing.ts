/** What can be done with a watched domain, in the list and on its own page alike. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DomainDetailsJson, DomainInput, DomainJson } from '../../../server/api/json/domains.ts';
import { api } from '../../api.ts';

/** A check that is waited for may be done before the live line says so: then the page is asked this often. */
export const CHECKING_MS = 3000;

/** Checks now. The answer comes with the result, or while the check still runs. */
export function useCheck() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.domains.check(id),
    onSuccess: (details: DomainDetailsJson) => client.setQueryData(['domains', details.id], details),
    onSettled: () => client.invalidateQueries({ queryKey: ['domains'] }),
  });
}

export function usePause() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (domain: DomainJson) => api.domains.change(domain.id, { paused: domain.pausedAt === null }),
    onSettled: () => client.invalidateQueries({ queryKey: ['domains'] }),
  });
}

/** The server checks what is new by itself, at once. */
export function useWatch() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: DomainInput) => api.domains.create(input),
    onSettled: () => client.invalidateQueries({ queryKey: ['domains'] }),
  });
}
