/**
 * What a reader chose for this browser: language, zone. The colour scheme is kept by Mantine under its own key. Nothing here is secret, so
 * it stays in localStorage; when that is closed (private windows), the choice lives as long as the tab.
 */
import { useSyncExternalStore } from 'react';
import { isZone, LANGUAGES, type Language, languageOf } from './format.ts';

export type Preferences = { language: Language; zone: string };

const KEY = 'todoku-preferences';
const listeners = new Set<() => void>();

function read(): Preferences {
  const fallback: Preferences = {
    language: languageOf(navigator.languages),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  const text = stored();
  if (text === null) return fallback;
  const kept = parse(text);
  return {
    language: LANGUAGES.find((language) => language === kept.language) ?? fallback.language,
    zone: typeof kept.zone === 'string' && isZone(kept.zone) ? kept.zone : fallback.zone,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch (error) {
    if (error instanceof DOMException) return null; // storage is closed to us
    throw error;
  }
}

let current: Preferences | null = null;

export function preferences(): Preferences {
  current ??= read();
  return current;
}

/** @param keep false: only as long as the tab lives */
export function setPreferences(change: Partial<Preferences>, keep = true): void {
  current = { ...preferences(), ...change };
  try {
    if (keep) localStorage.setItem(KEY, JSON.stringify(current));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, preferences);
}
