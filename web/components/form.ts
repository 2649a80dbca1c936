/** What the forms for senders, seeds and monitors have in common: rules checked as one types, and where a server's complaint belongs. */
import { ApiError } from '../api.ts';

/** `name@domain`, nothing around it. The server has the last word. */
export function isAddress(text: string): boolean {
  return /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\]+$/u.test(text.trim()) && text.trim().length <= 254;
}

/** A host name or an IP address as one would type it. */
export function isHost(text: string): boolean {
  return (
    /^(\[?[0-9a-f:.]*:[0-9a-f:.]*\]?|[\p{L}\p{N}_]([\p{L}\p{N}_.-]*[\p{L}\p{N}_.])?)$/iu.test(text.trim()) &&
    text.trim().length <= 253
  );
}

export function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= 65_535;
}

export const PORTS = {
  smtp: { tls: 465, starttls: 587, none: 25 },
  imap: { tls: 993, starttls: 143, none: 143 },
  pop3: { tls: 995, starttls: 110, none: 110 },
} as const;

/** The port to show after another security was chosen: the usual one, unless the reader typed one of their own. */
export function portAfter(protocol: keyof typeof PORTS, port: number, security: 'tls' | 'starttls' | 'none'): number {
  const usual: number[] = Object.values(PORTS).flatMap((ports) => Object.values(ports));
  return usual.includes(port) || !(port > 0) ? PORTS[protocol][security] : port;
}

/** What a port of custom speaks; null for one that says nothing. */
export function securityOf(port: number): 'tls' | 'starttls' | null {
  if (port === 465 || port === 993 || port === 995) return 'tls';
  return port === 587 || port === 143 || port === 110 ? 'starttls' : null;
}

/** Field errors of a refused input by path; null when the error is about something else. */
export function fieldErrors(error: unknown, known: readonly string[]): Record<string, string> | null {
  if (!(error instanceof ApiError) || error.fields.length === 0) return null;
  const found: Record<string, string> = {};
  for (const { path, message } of error.fields) {
    const field = known.find((name) => path === name || path.startsWith(`${name}.`));
    if (field === undefined) return null;
    found[field] ??= message;
  }
  return found;
}
