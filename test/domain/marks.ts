/** Mark certificates as their issuers make them: the logo inside, compressed, a purpose of their own, and a subject that says what kind of mark it is. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Authority, der, extension } from '../net/certificates.ts';

export type MarkOptions = {
  names?: string[];
  /** Days from now. */
  from?: number;
  to?: number;
  /** `Registered Mark`, `Prior Use Mark` …; null leaves it out. */
  kind?: string | null;
  /** Left out: the certificate is for web servers. */
  forMarks?: boolean;
  /** The SVG inside; null leaves the extension out. */
  logo?: string | null;
  /** What stands in place of the compressed logo. */
  data?: Buffer;
};

const DAY = 86_400_000;
const IDS = {
  extendedKeyUsage: '551d25',
  forMarks: '2b0601050507031f',
  forServers: '2b06010505070301',
  logotype: '2b0601050507010c',
  markType: '2b06010401839e5f010d',
  organization: '55040a',
  sha256: '608648016503040201',
};

/** PEM of the mark certificate alone. */
export function markCertificate(authority: Authority, options: MarkOptions = {}): string {
  const now = Date.now();
  const logo = options.logo === undefined ? '<svg/>' : options.logo;
  const kind = options.kind === undefined ? 'Registered Mark' : options.kind;
  const purpose = der(0x06, Buffer.from((options.forMarks ?? true) ? IDS.forMarks : IDS.forServers, 'hex'));
  return authority.issue(options.names ?? ['good.test'], {
    from: now + (options.from ?? -10) * DAY,
    to: now + (options.to ?? 300) * DAY,
    subject: [
      [IDS.organization, 'Good Marks, Inc.'],
      ...(kind === null ? [] : [[IDS.markType, kind] as [string, string]]),
    ],
    extensions: [
      extension(IDS.extendedKeyUsage, der(0x30, purpose), false),
      ...(logo === null ? [] : [extension(IDS.logotype, logotype(logo, options.data), false)]),
    ],
  }).cert;
}

/** RFC 3709 §4.1: subjectLogo, direct, one image with its hash and a data: URI. */
function logotype(logo: string, data?: Buffer): Buffer {
  const bytes = Buffer.from(logo);
  const uri = `data:image/svg+xml;base64,${(data ?? gzipSync(bytes)).toString('base64')}`;
  const hash = der(
    0x30,
    der(0x30, der(0x06, Buffer.from(IDS.sha256, 'hex'))),
    der(0x04, createHash('sha256').update(bytes).digest()),
  );
  const image = der(
    0x30,
    der(0x16, Buffer.from('image/svg+xml')),
    der(0x30, hash),
    der(0x30, der(0x16, Buffer.from(uri))),
  );
  return der(0x30, der(0xa2, der(0xa0, der(0x30, der(0x30, image)))));
}
