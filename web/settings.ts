/** The settings of the installation: asked at the root, from the pages of both worlds. The live line says when they change. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { base } from './base.ts';

export const settingsQuery = queryOptions({ queryKey: ['settings'], queryFn: api.settings.read });

/** The guide through the first steps stands in the way about until it was left or is done. */
export function useGuideOpen(): boolean {
  const { data } = useQuery({ ...settingsQuery, staleTime: Number.POSITIVE_INFINITY, enabled: base === '' });
  return data?.guide === 'open';
}
