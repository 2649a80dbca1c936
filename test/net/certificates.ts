/**
 * Certificates for tests, made in milliseconds: an authority of one's own and server certificates that are right, expired, not yet valid, for another
 * host, or signed by nobody. X.509 (RFC 5280) is a handful of nested DER values; this writes just those.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

export type Identity = { key: string; cert: string };
export type Authority = {
  /** PEM, to be trusted as an extra CA. */
  ca: string;
  issue: (hosts: string[], options?: IssueOptions) => Identity;
};
export type IssueOptions = {
  /** Epoch ms. */
  from?: number;
  to?: number;
  /** Besides the host names. */
  extensions?: Buffer[];
  /** Object id in hex and text, besides the common name. */
  subject?: [string, string][];
};

const DAY = 86_400_000;

export function newAuthority(): Authority {
  const pair = newPair();
  const name = 'Todoku test authority';
  const now = Date.now();
  const ca = certificate({
    subject: name,
    issuer: name,
    spki: spkiOf(pair.publicKey),
    signer: pair.privateKey,
    from: now - DAY,
    to: now + 30 * DAY,
    extensions: [extension('551d13', der(0x30, der(0x01, Buffer.from([0xff]))), true)],
  });
  return {
    ca,
    issue: (hosts, options = {}) => {
      const own = newPair();
      const cert = certificate({
        subject: hosts[0] ?? 'nobody',
        issuer: name,
        spki: spkiOf(own.publicKey),
        signer: pair.privateKey,
        from: options.from ?? now - DAY,
        to: options.to ?? now + 30 * DAY,
        more: options.subject ?? [],
        extensions: [extension('551d11', alternativeNames(hosts), false), ...(options.extensions ?? [])],
      });
      return { key: pemOf(own.privateKey), cert };
    },
  };
}

/** A certificate that only vouches for itself. */
export function selfSigned(hosts: string[]): Identity {
  const own = newPair();
  const subject = hosts[0] ?? 'nobody';
  const cert = certificate({
    subject,
    issuer: subject,
    spki: spkiOf(own.publicKey),
    signer: own.privateKey,
    from: Date.now() - DAY,
    to: Date.now() + 30 * DAY,
    extensions: [extension('551d11', alternativeNames(hosts), false)],
  });
  return { key: pemOf(own.privateKey), cert };
}

const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

function certificate(of: {
  subject: string;
  issuer: string;
  spki: Buffer;
  signer: KeyObject;
  from: number;
  to: number;
  more?: [string, string][];
  extensions: Buffer[];
}): string {
  const algorithm = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex'))); // ecdsa-with-SHA256
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)])),
    algorithm,
    commonName(of.issuer),
    der(0x30, time(of.from), time(of.to)),
    commonName(of.subject, of.more),
    of.spki,
    der(0xa3, der(0x30, ...of.extensions)),
  );
  const signature = sign('sha256', body, of.signer);
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

export function der(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const size = value.length;
  const length =
    size < 128
      ? [size]
      : size < 256
        ? [0x81, size]
        : size < 65_536
          ? [0x82, size >> 8, size & 255]
          : [0x83, size >> 16, (size >> 8) & 255, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function commonName(text: string, more: [string, string][] = []): Buffer {
  const parts = [['550403', text], ...more] as const;
  return der(
    0x30,
    ...parts.map(([id, value]) =>
      der(0x31, der(0x30, der(0x06, Buffer.from(id, 'hex')), der(0x0c, Buffer.from(value)))),
    ),
  );
}

function time(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return der(0x18, Buffer.from(`${text}Z`)); // GeneralizedTime
}

export function extension(oid: string, value: Buffer, critical: boolean): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return der(0x30, der(0x06, Buffer.from(oid, 'hex')), ...flag, der(0x04, value));
}

function alternativeNames(hosts: string[]): Buffer {
  const entries = hosts.map((host) =>
    isIP(host) === 4
      ? der(0x87, Buffer.from(host.split('.').map(Number)))
      : isIP(host) === 6
        ? der(0x87, Buffer.from([...new Array(15).fill(0), 1])) // ::1 is the only one tests use
        : der(0x82, Buffer.from(host)),
  );
  return der(0x30, ...entries);
}
