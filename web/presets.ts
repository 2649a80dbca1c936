/** The providers and senders known by name, asked for once: they change only with the program. */
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from './api.ts';
import { usePreferences } from './preferences.ts';

export function usePresets() {
  return useQuery({ queryKey: ['presets'], queryFn: api.presets, staleTime: Number.POSITIVE_INFINITY });
}

/** `yahoo-japan` → `Yahoo! JAPAN` / `Yahoo!メール`; the id itself until the names are there. */
export function useProviderName(): (id: string) => string {
  const { data } = usePresets();
  const { language } = usePreferences();
  return useCallback(
    (id) => data?.providers.find((provider) => provider.id === id)?.name[language] ?? id,
    [data, language],
  );
}
