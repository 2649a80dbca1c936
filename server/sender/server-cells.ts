/** The cells that say how a mail server is reached, the same in a table of senders and in one of seeds: their headings, and the words people put in. Pure. */
import { SECURITIES, type Security } from './types.ts';

export const SERVER_HEADINGS = {
  host: ['host', 'server', 'hostname', 'host name', 'ホスト', 'ホスト名', 'サーバー', 'サーバ', 'メールサーバー'],
  port: ['port', 'ポート', 'ポート番号'],
  security: ['security', 'encryption', 'tls', '暗号化', 'セキュリティ', '保護', '暗号化方式'],
  user: [
    'user',
    'username',
    'user name',
    'login',
    'ユーザー',
    'ユーザ',
    'ユーザー名',
    'ユーザ名',
    'ログイン',
    'アカウント',
  ],
  password: ['password', 'pass', 'パスワード', 'アプリパスワード'],
} as const;

const SECURITY_WORDS: Record<string, Security> = { ssl: 'tls', 'ssl/tls': 'tls', 'tls/ssl': 'tls', stls: 'starttls' };

/** @returns null for an empty cell, undefined for a word that is none */
export function readSecurity(text: string): Security | null | undefined {
  const word = text.toLowerCase();
  if (word === '') return null;
  return Object.hasOwn(SECURITY_WORDS, word) ? SECURITY_WORDS[word] : SECURITIES.find((id) => id === word);
}

/** @returns null for an empty cell, undefined for what is no port */
export function readPort(text: string): number | null | undefined {
  const digits = text.normalize('NFKC');
  if (digits === '') return null;
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
