/**
 * A certificate authority of the sandbox's own, made anew at each start, and certificates it signs. The program under test is
 * given the authority's certificate (TODOKU_EXTRA_CA_FILE) and checks everything as it would outside. Beside the good one there
 * are three that must be refused: expired, signed by nobody, and made out to another host.
 *
 * A certificate (RFC 5280) is a tree of DER values: tag, length, content. Few are needed here, so they are written directly;
 * Node's crypto makes the keys and signs, and can read certificates but not write them.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Certificate = { key: string; cert: string };
export type Certificates = {
  caPem: string;
  good: Certificate;
  expired: Certificate;
  selfSigned: Certificate;
  wrongHost: Certificate;
};

type KeyPair = { publicKey: KeyObject; privateKey: KeyObject };
type Hosts = { dns: string[]; ip: string[] };

const DAY = 86_400_000;
const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
};

/** @param names DNS names the good certificate stands for; 127.0.0.1 and localhost always do. @param now epoch ms */
export function makeCertificates(names: string[], now: number): Certificates {
  const ca = makeKeys();
  const leaf = makeKeys();
  const key = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const caName = 'Todoku sandbox authority';
  const here: Hosts = { dns: ['localhost', ...names], ip: ['127.0.0.1'] };
  const valid: [number, number] = [now - DAY, now + 30 * DAY];
  const forHosts = (hosts: Hosts, times: [number, number], issuer: string, signer: KeyPair): Certificate => ({
    key,
    cert: certificate({ subject: 'Todoku sandbox', issuer, subjectKeys: leaf, signer, times, hosts }),
  });
  return {
    caPem: certificate({ subject: caName, issuer: caName, subjectKeys: ca, signer: ca, times: valid, hosts: null }),
    good: forHosts(here, valid, caName, ca),
    expired: forHosts(here, [now - 20 * DAY, now - DAY], caName, ca),
    selfSigned: forHosts(here, valid, 'Todoku sandbox', leaf),
    wrongHost: forHosts({ dns: ['another-host.test'], ip: [] }, valid, caName, ca),
  };
}

function makeKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** One certificate as PEM. `hosts: null` makes an authority's. */
function certificate(of: {
  subject: string;
  issuer: string;
  subjectKeys: KeyPair;
  signer: KeyPair;
  times: [number, number];
  hosts: Hosts | null;
}): string {
  const algorithm = sequence(objectId(OID.ecdsaWithSha256));
  const subjectPublicKey = of.subjectKeys.publicKey.export({ type: 'spki', format: 'der' });
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and no leading zero byte
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    algorithm,
    commonName(of.issuer),
    sequence(...of.times.map(time)),
    commonName(of.subject),
    subjectPublicKey,
    der(0xa3, sequence(...extensions(of.hosts, of.subjectKeys, of.signer))),
  );
  const signature = sign('sha256', body, of.signer.privateKey);
  const whole = sequence(body, algorithm, bitString(signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensions(hosts: Hosts | null, subjectKeys: KeyPair, signer: KeyPair): Buffer[] {
  const identifiers = [
    extension(OID.subjectKeyIdentifier, false, der(0x04, keyIdentifier(subjectKeys))),
    extension(OID.authorityKeyIdentifier, false, sequence(der(0x80, keyIdentifier(signer)))),
  ];
  if (hosts === null) {
    return [
      ...identifiers,
      extension(OID.basicConstraints, true, sequence(der(0x01, Buffer.from([0xff])))),
      extension(OID.keyUsage, true, der(0x03, Buffer.from([1, 0x06]))), // keyCertSign and cRLSign
    ];
  }
  const alternatives = [
    ...hosts.dns.map((name) => der(0x82, Buffer.from(name, 'ascii'))),
    ...hosts.ip.map((ip) => der(0x87, Buffer.from(ip.split('.').map(Number)))),
  ];
  return [
    ...identifiers,
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, der(0x03, Buffer.from([7, 0x80]))), // digitalSignature
    extension(OID.extendedKeyUsage, false, sequence(objectId(OID.serverAuth))),
    extension(OID.subjectAlternativeName, false, sequence(...alternatives)),
  ];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(objectId(id), ...flag, der(0x04, value));
}

function keyIdentifier(keys: KeyPair): Buffer {
  return createHash('sha1')
    .update(keys.publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function commonName(text: string): Buffer {
  return sequence(der(0x31, sequence(objectId(OID.commonName), der(0x0c, Buffer.from(text)))));
}

/** UTCTime, good until 2049 (RFC 5280 4.1.2.5.1). */
function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/\D/g, '');
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`, 'ascii'));
}

function bitString(content: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

function der(tag: number, content: Buffer): Buffer {
  const length = content.length;
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}
