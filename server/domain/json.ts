/** The records of a check as JSON has them: moments as ISO 8601, in the order of the protocols. Pure. */
import type { Records } from './audit.ts';
import type { Standing } from './standing.ts';

/** @param keysSince since when our own checks have seen the key of a selector, as far as it is still that key */
export function recordsForJson(records: Partial<Records>, keysSince: Standing['keysSince'] = {}) {
  const { spf, dkim, dmarc, mx, ptr, mtaSts, tlsRpt, dane, dnssec, bimi, blocklists } = records;
  return {
    spf,
    dkim: dkim?.map((key) => ({ ...key, since: sinceOf(key, keysSince) })),
    dmarc,
    mx: mx && { ...mx, hosts: mx.hosts.map((host) => ({ ...host, tls: datedTls(host.tls) })) },
    ptr,
    mtaSts: mtaSts && { ...mtaSts, fetched: datedPolicy(mtaSts.fetched) },
    tlsRpt,
    dane,
    dnssec,
    bimi: bimi && { ...bimi, certificate: datedCertificate(bimi.certificate) },
    blocklists,
  };
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

function sinceOf(
  { selector, fingerprint, since }: Records['dkim'][number],
  known: Standing['keysSince'],
): string | null {
  const kept = Object.hasOwn(known, selector) ? known[selector] : undefined;
  return isoOrNull(kept !== undefined && kept.fingerprint === fingerprint ? kept.since : since);
}

function datedTls(tls: Records['mx']['hosts'][number]['tls']) {
  return tls?.seen ? { ...tls, expires: isoOrNull(tls.expires) } : tls;
}

function datedPolicy(fetched: Records['mtaSts']['fetched']) {
  return fetched?.got ? { ...fetched, certificateExpires: isoOrNull(fetched.certificateExpires) } : fetched;
}

function datedCertificate(certificate: Records['bimi']['certificate']) {
  if (!certificate?.got) return certificate;
  const { read } = certificate;
  const dated = read?.problem === null ? { ...read, from: iso(read.from), to: iso(read.to) } : read;
  return { ...certificate, read: dated };
}
