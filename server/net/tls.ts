/**
 * TLS for mail servers. A mail password is worth more than the mail: it is only ever spoken on a connection whose certificate was
 * checked against the name the owner typed, with TLS 1.2 or later (RFC 8996 retired what came before, RFC 8314 asks for TLS in
 * submission and access). What went wrong becomes one of five words, so that a person reads "the certificate expired" and not an OpenSSL code.
 */
import { isIP } from 'node:net';
import tls from 'node:tls';
import { bareHost } from './connect.ts';

export const CERTIFICATE_REASONS = [
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-wrong-host',
  'certificate-untrusted',
  'tls-failed',
] as const;
export type CertificateReason = (typeof CERTIFICATE_REASONS)[number];

/** Making a context reads some 150 root certificates: one per extra CA is enough. */
const contexts = new Map<string, tls.SecureContext>();

function contextFor(extraCa: string | null): tls.SecureContext {
  const key = extraCa ?? '';
  const known = contexts.get(key);
  if (known !== undefined) return known;
  const context = tls.createSecureContext({
    minVersion: 'TLSv1.2',
    ...(extraCa === null ? {} : { ca: [...tls.getCACertificates('default'), extraCa] }),
  });
  if (contexts.size >= 8) contexts.clear();
  contexts.set(key, context);
  return context;
}

/**
 * Options for tls.connect and for every library that passes them on.
 * The certificate is checked against `host` (name or literal address), whatever address or socket the library connects to.
 * @param extraCa PEM text of certificates trusted besides the public ones
 */
export function tlsOptions({ host, extraCa }: { host: string; extraCa: string | null }): {
  secureContext: tls.SecureContext;
  minVersion: 'TLSv1.2';
  rejectUnauthorized: true;
  servername?: string;
  checkServerIdentity: (name: string, certificate: tls.PeerCertificate) => Error | undefined;
} {
  const name = bareHost(host);
  return {
    secureContext: contextFor(extraCa),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // SNI carries names only (RFC 6066 §3).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(name, certificate),
  };
}

/** Version, cipher and certificate of a TLS session, for the evidence. `certificateExpires` in epoch ms. */
export function describeTls(socket: tls.TLSSocket): {
  version: string;
  cipher: string;
  certificateExpires: number | null;
  certificateIssuer: string | null;
} {
  const certificate = socket.getPeerCertificate();
  const expires = Date.parse(certificate.valid_to ?? '');
  const issuer = certificate.issuer as Record<string, string | string[] | undefined> | undefined;
  const named = issuer?.O ?? issuer?.CN ?? null;
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher()?.name ?? 'unknown',
    certificateExpires: Number.isNaN(expires) ? null : expires,
    certificateIssuer: Array.isArray(named) ? named.join(', ') : named,
  };
}

/** OpenSSL's verification codes (x509_vfy.h) and Node's own, as reasons. */
const REASON_OF_CODE: Record<string, CertificateReason> = {
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-wrong-host',
  ERR_TLS_CERT_ALTNAME_FORMAT: 'certificate-wrong-host',
  HOSTNAME_MISMATCH: 'certificate-wrong-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'certificate-untrusted',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'certificate-untrusted',
  CERT_SIGNATURE_FAILURE: 'certificate-untrusted',
  CERT_CHAIN_TOO_LONG: 'certificate-untrusted',
  CERT_REVOKED: 'certificate-untrusted',
  CERT_UNTRUSTED: 'certificate-untrusted',
  CERT_REJECTED: 'certificate-untrusted',
  INVALID_CA: 'certificate-untrusted',
  INVALID_PURPOSE: 'certificate-untrusted',
  PATH_LENGTH_EXCEEDED: 'certificate-untrusted',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'certificate-untrusted',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'certificate-untrusted',
  EE_KEY_TOO_SMALL: 'certificate-untrusted',
  CA_KEY_TOO_SMALL: 'certificate-untrusted',
  CA_MD_TOO_WEAK: 'certificate-untrusted',
  ERR_SSL_EE_KEY_TOO_SMALL: 'certificate-untrusted',
  ERR_SSL_CA_KEY_TOO_SMALL: 'certificate-untrusted',
  ERR_SSL_CA_MD_TOO_WEAK: 'certificate-untrusted',
  EPROTO: 'tls-failed',
};

/** For libraries that put a code of their own over OpenSSL's and leave only its words. */
const REASON_OF_WORDS: [RegExp, CertificateReason][] = [
  [/certificate has expired/i, 'certificate-expired'],
  [/certificate is not yet valid/i, 'certificate-not-yet-valid'],
  [/does not match certificate|hostname mismatch|altname/i, 'certificate-wrong-host'],
  [/self[- ]signed certificate|unable to (?:get|verify)|(?:ee|ca) key too small/i, 'certificate-untrusted'],
  [/\bSSL routines\b|before secure TLS connection|wrong version number|handshake failure/i, 'tls-failed'],
];

/** The reason a TLS connection failed for, read from the error or its causes; null when the error is about something else. */
export function certificateReason(error: unknown): CertificateReason | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    // nodemailer puts its own code over the system's and keeps that one as originalCode.
    const { code: ownCode, originalCode } = at as { code?: unknown; originalCode?: unknown };
    for (const code of [originalCode, ownCode]) {
      if (typeof code !== 'string') continue;
      const reason = Object.hasOwn(REASON_OF_CODE, code) ? REASON_OF_CODE[code] : undefined;
      if (reason !== undefined) return reason;
      if (/^ERR_(?:SSL|TLS)_/.test(code)) return 'tls-failed';
    }
    const match = REASON_OF_WORDS.find(([words]) => words.test(at.message));
    if (match !== undefined) return match[1];
  }
  return null;
}
