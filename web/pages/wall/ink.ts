/** The colours of outcomes on the wall, which has a theme of its own (use-daylight.ts). */
import { createContext, useContext } from 'react';
import { type Scheme, tone, type Verdict } from '../../outcomes.ts';

const Daylight = createContext<Scheme>('light');
export const DaylightProvider = Daylight.Provider;

export function useDaytime(): Scheme {
  return useContext(Daylight);
}

export function useInk(): (verdict: Verdict) => string {
  const scheme = useDaytime();
  return (verdict) => tone(verdict, scheme).fill;
}
