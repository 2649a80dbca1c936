/**
 * The mailboxes of the sandbox, all in memory. An account is one person's mail; a folder (an IMAP mailbox) holds messages by UID,
 * a number that only grows and is never given twice within one UIDVALIDITY (RFC 3501 2.3.1.1). Gmail has labels instead of
 * folders: one mail in INBOX is the same mail in "All Mail", so both entries share one item, and Spam and Trash stay out of
 * "All Mail".
 *
 * Each account counts what is done to it, so that a test can prove that reading changed nothing and that nobody opened more
 * connections than promised.
 *
 * Long because each provider's folders stand here as a table, beside the few ways in which mail moves between them.
 */
import { randomBytes } from 'node:crypto';
import { fateOf, type LoginFate, type Place } from './fate.ts';
import { type ProviderName, providerOf } from './zones.ts';

/** All accounts of a sandbox have this password; the fates of fate.ts say whose login fails nevertheless. */
export const PASSWORD = 'sandbox-password';

export type Role =
  | 'inbox'
  | 'junk'
  | 'all'
  | 'trash'
  | 'sent'
  | 'drafts'
  | 'flagged'
  | 'important'
  | 'archive'
  | 'user';

export type Item = {
  raw: Buffer;
  flags: Set<string>;
  /** When it came into the account, epoch ms. */
  internalDate: number;
  /** Gmail's X-GM-MSGID, also the name POP3 and OBJECTID-like things may use. */
  id: bigint;
  /** Gmail's tab, null for Primary and for every other provider. */
  category: string | null;
  /** Names of the headers, lower case → their values, filled at the first search. */
  headers: Map<string, string[]> | null;
};

export type Message = { uid: number; item: Item; modseq: number };

export type Folder = {
  path: string;
  role: Role;
  /** A name in the tree without mail of its own: `[Gmail]`. */
  selectable: boolean;
  subscribed: boolean;
  uidValidity: number;
  uidNext: number;
  modseq: number;
  messages: Message[];
  /** Called after every change: sessions in IDLE wake by it. */
  watchers: Set<() => void>;
};

export type Stats = {
  /** Open right now, and the most there ever were at once. Only connections that logged in are counted. */
  connections: number;
  maxConnections: number;
  logins: number;
  failedLogins: number;
  /** Commands that change something: STORE, APPEND, COPY, MOVE, EXPUNGE, CREATE, DELETE, RENAME, DELE, a \Seen set by reading. */
  writes: number;
  /** SELECT opens for writing, EXAMINE does not. */
  selects: number;
  examines: number;
  /** Command name → how often, IMAP and POP3 together. */
  commands: Record<string, number>;
};

export type Account = {
  address: string;
  provider: ProviderName;
  folders: Map<string, Folder>;
  login: LoginFate;
  /** How long the server thinks before it opens a folder over IMAP, in ms. */
  lagMs: number;
  stats: Stats;
};

export type Accounts = {
  /** The account of an address, made at its first mention; null when nobody hosts the domain. */
  open(address: string): Account | null;
  all(): Account[];
};

type Layout = [path: string, role: Role][];

const LAYOUTS: Record<ProviderName, Layout> = {
  gmail: [
    ['INBOX', 'inbox'],
    ['[Gmail]', 'user'],
    ['[Gmail]/すべてのメール', 'all'],
    ['[Gmail]/ゴミ箱', 'trash'],
    ['[Gmail]/スター付き', 'flagged'],
    ['[Gmail]/下書き', 'drafts'],
    ['[Gmail]/迷惑メール', 'junk'],
    ['[Gmail]/送信済みメール', 'sent'],
    ['[Gmail]/重要', 'important'],
  ],
  outlook: [
    ['INBOX', 'inbox'],
    ['Archive', 'archive'],
    ['Deleted Items', 'trash'],
    ['Drafts', 'drafts'],
    ['Junk Email', 'junk'],
    ['Notes', 'user'],
    ['Outbox', 'user'],
    ['Sent Items', 'sent'],
  ],
  yahoo: [
    ['INBOX', 'inbox'],
    ['Archive', 'archive'],
    ['Bulk', 'junk'],
    ['Draft', 'drafts'],
    ['Sent', 'sent'],
    ['Trash', 'trash'],
  ],
  'yahoo-japan': [
    ['INBOX', 'inbox'],
    ['Draft', 'drafts'],
    ['Sent', 'sent'],
    ['Trash', 'trash'],
    ['迷惑メール', 'junk'],
  ],
  dovecot: [
    ['INBOX', 'inbox'],
    ['Drafts', 'drafts'],
    ['Junk', 'junk'],
    ['Sent', 'sent'],
    ['Trash', 'trash'],
  ],
};

/** The folder a user made for himself, where the fate `other@` puts mail. */
const USER_FOLDER: Record<ProviderName, string> = {
  gmail: 'ニュースレター',
  outlook: 'Newsletters',
  yahoo: 'Newsletters',
  'yahoo-japan': 'お知らせ & 通知',
  dovecot: 'Newsletters',
};

export function createAccounts(now: () => number): Accounts {
  const accounts = new Map<string, Account>();
  return {
    open(address) {
      const key = canonicalAddress(address);
      const known = accounts.get(key);
      if (known !== undefined) return known;
      const provider = providerOf(key.slice(key.lastIndexOf('@') + 1));
      if (provider === null || key.startsWith('@') || key.length > 320) return null;
      const account = createAccount(key, provider, now());
      accounts.set(key, account);
      return account;
    },
    all: () => [...accounts.values()],
  };
}

function canonicalAddress(address: string): string {
  return address.trim().toLowerCase();
}

function createAccount(address: string, provider: ProviderName, now: number): Account {
  const account: Account = {
    address,
    provider,
    folders: new Map(),
    login: fateOf(address).login,
    lagMs: 0,
    stats: {
      connections: 0,
      maxConnections: 0,
      logins: 0,
      failedLogins: 0,
      writes: 0,
      selects: 0,
      examines: 0,
      commands: {},
    },
  };
  for (const [path, role] of LAYOUTS[provider]) createFolder(account, path, role, now);
  createFolder(account, USER_FOLDER[provider], 'user', now);
  return account;
}

export function createFolder(account: Account, path: string, role: Role, now: number): Folder {
  const folder: Folder = {
    path,
    role,
    selectable: path !== '[Gmail]',
    subscribed: true,
    uidValidity: Math.floor(now / 1000) + account.folders.size,
    uidNext: 1,
    modseq: 1,
    messages: [],
    watchers: new Set(),
  };
  account.folders.set(path, folder);
  return folder;
}

/**
 * Makes all folders of an account anew, as a server does that lost its indexes or was restored from a backup: the same messages in the same order, numbered
 * from one, and a greater UIDVALIDITY to say that the numbers of before mean nothing any more (RFC 3501 2.3.1.1). POP3's names are of the same making, but
 * Gmail's are not.
 */
export function renumber(account: Account, now: number): void {
  const items = new Set([...account.folders.values()].flatMap(({ messages }) => messages.map(({ item }) => item)));
  if (account.provider !== 'gmail') for (const item of items) item.id = newItemId();
  for (const old of [...account.folders.values()]) {
    const fresh: Folder = {
      ...old,
      uidValidity: Math.max(old.uidValidity + 1, Math.floor(now / 1000)),
      uidNext: 1,
      messages: [],
      watchers: new Set(),
    };
    account.folders.set(old.path, fresh);
    for (const { item } of old.messages) append(fresh, item);
    // Whoever had it open has a folder that is no more.
    notify(old);
  }
}

/** A folder by its IMAP name; INBOX in any case (RFC 3501 5.1). */
export function findFolder(account: Account, path: string): Folder | undefined {
  return account.folders.get(path.toUpperCase() === 'INBOX' ? 'INBOX' : path);
}

function folderOfRole(account: Account, role: Role): Folder | undefined {
  return [...account.folders.values()].find((folder) => folder.role === role);
}

/** Puts a mail where a fate or a filter says. */
export function place(account: Account, raw: Buffer, where: Place, now: number): void {
  const item = createItem(raw, now);
  const inbox = folderOfRole(account, 'inbox');
  const junk = folderOfRole(account, 'junk');
  const user = account.folders.get(USER_FOLDER[account.provider]);
  const target = where === 'spam' ? junk : where === 'other' ? user : inbox;
  if (target === undefined) throw new Error(`${account.address} has no folder for ${where}`);
  if (account.provider === 'gmail' && target === inbox && where !== 'inbox') item.category = where;
  addItem(account, target, item);
}

/**
 * Puts a mail into a folder by name, made if it is not there. `inbox`, `spam`, `other` and Gmail's tabs are understood as words.
 */
export function deliverInto(account: Account, raw: Buffer, folder: string, now: number): void {
  const words: Place[] = ['inbox', 'promotions', 'social', 'updates', 'forums', 'spam', 'other'];
  const known = findFolder(account, folder);
  const word = words.find((each) => each === folder);
  if (known === undefined && word !== undefined) place(account, raw, word, now);
  else addItem(account, known ?? createFolder(account, folder, 'user', now), createItem(raw, now));
}

export function createItem(raw: Buffer, internalDate: number, flags: Iterable<string> = []): Item {
  return {
    raw,
    flags: new Set(flags),
    internalDate,
    id: newItemId(),
    category: null,
    headers: null,
  };
}

function newItemId(): bigint {
  return randomBytes(8).readBigUInt64BE() >> 1n;
}

/** Adds an item to a folder, and to "All Mail" where Gmail would. Returns the UID it got in the folder. */
export function addItem(account: Account, folder: Folder, item: Item): number {
  const uid = append(folder, item);
  const all = folderOfRole(account, 'all');
  if (all !== undefined && all !== folder && folder.role !== 'junk' && folder.role !== 'trash') {
    if (!all.messages.some((message) => message.item === item)) append(all, item);
  }
  return uid;
}

function append(folder: Folder, item: Item): number {
  const uid = folder.uidNext++;
  folder.messages.push({ uid, item, modseq: ++folder.modseq });
  notify(folder);
  return uid;
}

/** Takes messages out of a folder for good. In Gmail a mail moved to spam or trash leaves "All Mail" too (`everywhere`). */
export function removeMessages(account: Account, folder: Folder, gone: Set<Message>, everywhere: boolean): void {
  folder.messages = folder.messages.filter((message) => !gone.has(message));
  folder.modseq++;
  notify(folder);
  const all = folderOfRole(account, 'all');
  if (!everywhere || all === undefined || all === folder) return;
  const items = new Set([...gone].map((message) => message.item));
  all.messages = all.messages.filter((message) => !items.has(message.item));
  all.modseq++;
  notify(all);
}

/** What a provider does on second thoughts: a mail leaves the inbox and appears in spam. */
export function moveToSpam(account: Account, raw: Buffer): void {
  const inbox = folderOfRole(account, 'inbox');
  const junk = folderOfRole(account, 'junk');
  const message = inbox?.messages.find((each) => each.item.raw === raw);
  if (inbox === undefined || junk === undefined || message === undefined) return;
  removeMessages(account, inbox, new Set([message]), true);
  addItem(account, junk, message.item);
}

export function notify(folder: Folder): void {
  for (const watcher of [...folder.watchers]) watcher();
}

/** Gmail's labels of an item: the folders it is in, but for the one it is looked at in. */
export function labelsOf(account: Account, item: Item, seenIn: Folder | null): string[] {
  const labels: string[] = [];
  const words: Partial<Record<Role, string>> = {
    inbox: '\\Inbox',
    junk: '\\Spam',
    trash: '\\Trash',
    sent: '\\Sent',
    drafts: '\\Draft',
    flagged: '\\Starred',
    important: '\\Important',
  };
  for (const folder of account.folders.values()) {
    if (folder === seenIn || folder.role === 'all') continue;
    if (folder.messages.some((message) => message.item === item)) labels.push(words[folder.role] ?? folder.path);
  }
  return labels;
}

export function countCommand(account: Account, name: string): void {
  account.stats.commands[name] = (account.stats.commands[name] ?? 0) + 1;
}
