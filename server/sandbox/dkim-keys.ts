/**
 * The RSA keys the sandbox's domains sign with (DKIM, RFC 6376). 2048 bits is what everybody should have; 1024 is the least a
 * receiver accepts (RFC 8301) and what `weak-key.test` signs with, since mailauth refuses to sign with less. The 512-bit key is
 * only published. Finding primes takes a tenth of a second, so the keys are made once per process: they guard nothing.
 */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

export type DkimKey = { privateKey: string; record: string };
export type DkimKeys = { strong: DkimKey; weak: DkimKey; tiny: DkimKey };

const generate = promisify(generateKeyPair);
let made: Promise<DkimKeys> | null = null;

export function dkimKeys(): Promise<DkimKeys> {
  made ??= Promise.all([makeKey(2048), makeKey(1024), makeKey(512)]).then(([strong, weak, tiny]) => ({
    strong,
    weak,
    tiny,
  }));
  return made;
}

async function makeKey(modulusLength: number): Promise<DkimKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength });
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    record: `v=DKIM1; k=rsa; p=${spki}`,
  };
}
