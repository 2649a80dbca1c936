/**
 * The log: one JSON line per event on standard error, so that standard output carries data only. Secrets are taken out by name wherever an object that
 * holds one is logged by mistake; nothing logs them on purpose.
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

const SECRET_NAMES = [
  'password',
  'pass',
  'token',
  'link',
  'secret',
  'secretKey',
  'authorization',
  'cookie',
  'accessToken',
  'refreshToken',
  'auth',
];

export function createLog(
  level: Config['logLevel'],
  to: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
        censor: '***',
      },
    },
    to,
  );
}
