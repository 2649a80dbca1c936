/** Whose domains are not watched yet: those of the senders, each once, with who sends from it. */
import { asciiName } from './name.ts';

export function unwatchedOf(
  senders: readonly { name: string; fromAddress: string }[],
  watched: readonly { name: string }[],
): { name: string; senders: string[] }[] {
  const known = new Set(watched.map(({ name }) => name));
  const found = new Map<string, string[]>();
  for (const sender of senders) {
    const name = asciiName(sender.fromAddress.slice(sender.fromAddress.lastIndexOf('@') + 1));
    // A name without a dot is no domain to be watched.
    if (name === null || known.has(name) || !name.includes('.') || /^[\d.]+$|\[/.test(name)) continue;
    found.set(name, [...(found.get(name) ?? []), sender.name]);
  }
  return [...found].map(([name, from]) => ({ name, senders: from }));
}
