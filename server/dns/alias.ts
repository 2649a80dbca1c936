/**
 * From the question to the records: a name may be an alias for another (CNAME, RFC 1034 §3.6.2), an ESP's DKIM key for one, and each
 * answer and each absence may be kept for a time that the zone's owner chose. Pure.
 */
import type { DnsType, Reply, WireRecord } from './wire.ts';

/** Longest chain of aliases that is followed; resolvers stop at about this. */
export const MAX_ALIASES = 12;
/** No answer is kept longer, in seconds, whatever its TTL says: this program is there to see changes. */
export const MAX_TTL = 3600;
const MAX_NEGATIVE_TTL = 900;

/** From alias to alias within one reply; records of other names are not ours. */
export function walkAliases(
  answers: WireRecord[],
  name: string,
  type: DnsType,
): { aliases: string[]; records: unknown[]; ttl: number } {
  const aliases: string[] = [];
  let ttl = MAX_TTL;
  let owner = canonical(name);
  for (;;) {
    const records = answers.filter((record) => record.type === type && canonical(record.name) === owner);
    if (records.length > 0) {
      for (const record of records) ttl = Math.min(ttl, record.ttl);
      return { aliases, records: records.map((record) => record.data), ttl };
    }
    const alias = answers.find((record) => record.type === 'CNAME' && canonical(record.name) === owner);
    if (alias === undefined || typeof alias.data !== 'string' || aliases.length > MAX_ALIASES) {
      return { aliases, records: [], ttl };
    }
    ttl = Math.min(ttl, alias.ttl);
    aliases.push(alias.data);
    owner = canonical(alias.data);
  }
}

/** RFC 2308 §5: an empty answer may be kept as long as the zone's SOA says; without one not at all. */
export function negativeTtl(reply: Reply): number {
  const soa = reply.authorities.find((record) => record.type === 'SOA');
  if (!soa || typeof soa.data !== 'object' || soa.data === null || !('minimum' in soa.data)) return 0;
  return Math.min(soa.ttl, Number(soa.data.minimum), MAX_NEGATIVE_TTL);
}

/** DNS names compare without case and without the last dot; only ASCII letters have case (RFC 4343). */
export function canonical(name: string): string {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  return bare.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
