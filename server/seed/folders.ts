/**
 * Which folder is for what. A server that knows SPECIAL-USE (RFC 6154) says it with a flag; others leave it to the name, which is in
 * the language of whoever opened the account: `[Gmail]/迷惑メール`, `Spamverdacht`, `Courrier indésirable`. The user's own choice
 * beats both. Gmail's tabs are no folders: they are asked for by search.
 *
 * Long because half of it is what people call their folders, the world over.
 */
import { PROVIDERS } from './providers.ts';
import type { FolderRole, FolderRoleSource, ProviderId, SeedFolder } from './types.ts';

/** A folder as the server listed it. */
export type ListedFolder = {
  /** Decoded from modified UTF-7. */
  path: string;
  /** What stands between levels; '' for a flat list. */
  delimiter: string;
  /** Flags and SPECIAL-USE attributes as listed: `\Noselect`, `\Junk`. */
  flags: readonly string[];
  /** What the IMAP library makes of the name alone, such as `\Junk`; null when nothing. It knows many languages. */
  guess: string | null;
};

/** At most this many folders are looked into: probes lie in the first two nearly always, the rest is for users' own filters. */
export const FOLDERS_PER_LOOK = 20;

/** How the folder for unwanted mail is called, by the last part of its path, folded by `fold`. */
const JUNK_NAMES = new Set(
  [
    ...[
      'Junk',
      'Junk Email',
      'Junk E-mail',
      'Junk Mail',
      'Spam',
      'Bulk',
      'Bulk Mail',
      'Unwanted',
      'Quarantine',
      'Spam Mail',
    ],
    ...['Spam Folder', 'Junk Folder', 'Probably Spam', 'Suspected Spam', 'Spambox', 'Caught Spam', 'INBOX.Spam'],
    ...[
      '迷惑メール',
      '迷惑メールフォルダ',
      '迷惑メールフォルダー',
      '迷惑フォルダ',
      '迷惑',
      'スパム',
      'スパムメール',
      'ジャンク',
    ],
    ...['Spamverdacht', 'Unerwünscht', 'Unerwünschte Werbung', 'Junk-E-Mail', 'Werbung', 'Spam-Verdacht'],
    ...['Courrier indésirable', 'Indésirables', 'Indésirable', 'Pourriel', 'Pourriels', 'Éléments indésirables'],
    ...[
      'Correo no deseado',
      'No deseado',
      'Correo basura',
      'Basura',
      'Lixo Eletrônico',
      'Lixo eletrónico',
      'Correio não solicitado',
    ],
    ...[
      'Posta indesiderata',
      'Indesiderata',
      'Ongewenst',
      'Ongewenste e-mail',
      'Skräppost',
      'Skräp',
      'Søppelpost',
      'Uønsket e-mail',
    ],
    ...[
      'Uønsket post',
      'Roskaposti',
      'Niechciane',
      'Wiadomości-śmieci',
      'Nevyžádaná pošta',
      'Nevyžiadaná pošta',
      'Levélszemét',
    ],
    ...['Spam (Correu brossa)', 'Correu brossa', 'Istenmeyen', 'Gereksiz', 'Önemsiz', 'Önemsiz E-posta', 'Ανεπιθύμητα'],
    ...[
      'Ανεπιθύμητη αλληλογραφία',
      'Спам',
      'Нежелательная почта',
      'Небажана пошта',
      'Нежелана поща',
      'דואר זבל',
      'ספאם',
    ],
    ...[
      'البريد العشوائي',
      'البريد غير الهام',
      'الرسائل غير المرغوب فيها',
      'هرزنامه',
      'स्पैम',
      'จดหมายขยะ',
      'อีเมลขยะ',
      'Thư rác',
    ],
    ...[
      '垃圾邮件',
      '垃圾郵件',
      '垃圾信件',
      '垃圾信件匣',
      '스팸',
      '스팸메일',
      '스팸 메일함',
      '스팸편지함',
      '정크 메일',
      'Sampah',
      'Emel Sarap',
    ],
  ].map(fold),
);

const SENT_NAMES = new Set(
  [
    'Sent',
    'Sent Items',
    'Sent Mail',
    'Sent Messages',
    'Gesendet',
    'Gesendete Objekte',
    'Gesendete Elemente',
    '送信済み',
  ]
    .concat([
      ...[
        '送信済みメール',
        '送信済みアイテム',
        '送信箱',
        'Envoyés',
        'Messages envoyés',
        'Enviados',
        'Inviata',
        'Outbox',
        '送信トレイ',
      ],
    ])
    .map(fold),
);
const DRAFT_NAMES = new Set(
  ['Drafts', 'Draft', 'Entwürfe', '下書き', 'Brouillons', 'Borradores', 'Bozze', 'Templates'].map(fold),
);
const TRASH_NAMES = new Set(
  ['Trash', 'Deleted', 'Deleted Items', 'Deleted Messages', 'Bin', 'Papierkorb', 'Gelöscht', 'ゴミ箱', 'ごみ箱']
    .concat([...['削除済みアイテム', '削除済みメール', 'Corbeille', 'Papelera', 'Cestino', 'Elementos eliminados']])
    .map(fold),
);
const ARCHIVE_NAMES = new Set(['Archive', 'Archives', 'Archiv', 'アーカイブ', 'Archivo', 'Archivio'].map(fold));

/** RFC 6154 §2, and RFC 8457's \Important. */
const ROLE_OF_FLAG: ReadonlyMap<string, FolderRole> = new Map([
  ['\\inbox', 'inbox'],
  ['\\junk', 'junk'],
  ['\\spam', 'junk'], // XLIST, before RFC 6154
  ['\\all', 'all'],
  ['\\allmail', 'all'],
  ['\\archive', 'archive'],
  ['\\trash', 'trash'],
  ['\\sent', 'sent'],
  ['\\drafts', 'drafts'],
  ['\\flagged', 'flagged'],
  ['\\important', 'important'],
]);

/** Never looked into: what the owner wrote, and views of mail that lies elsewhere. */
const NO_PLACE: ReadonlySet<FolderRole> = new Set(['sent', 'drafts', 'flagged', 'important']);
/** Roles that only the server's word gives: by name it would be a folder of the user's own. */
const BY_FLAG_ALONE: ReadonlySet<FolderRole> = new Set(['inbox', 'junk', 'flagged', 'important']);

/**
 * Folders with their roles, in the order they are worth looking into: Junk, INBOX, the user's own, archive, all mail, trash; then
 * those that are never looked into (sent, drafts, views of other folders, unselectable).
 * @param chosen the folder the user chose as Junk, or null
 */
export function resolveFolders(
  listed: readonly ListedFolder[],
  provider: ProviderId,
  chosen: string | null,
): SeedFolder[] {
  const junk = resolveJunk(listed, provider, chosen);
  const seen = new Set<string>();
  const folders: SeedFolder[] = [];
  for (const one of listed) {
    const path = isInbox(one.path) ? 'INBOX' : one.path;
    if (path === '' || seen.has(path)) continue;
    seen.add(path);
    const found = junk?.path === one.path ? { role: 'junk' as const, source: junk.source } : roleOf(one);
    folders.push({ path, role: found.role, roleSource: found.source, selectable: isSelectable(one) });
  }
  return folders
    .map((folder, index) => ({ folder, index }))
    .sort((a, b) => rank(a.folder) - rank(b.folder) || a.index - b.index)
    .map(({ folder }) => folder);
}

/** The folders to look into, best first, at most `limit`: those with a role first of all, as many of the user's own as there is room for. */
export function foldersToLookInto(folders: readonly SeedFolder[], limit: number = FOLDERS_PER_LOOK): SeedFolder[] {
  const open = folders.filter(({ role, selectable }) => selectable && !NO_PLACE.has(role));
  const own = open.filter(({ role }) => role === 'other');
  const room = Math.max(0, limit - (open.length - own.length));
  const chosen = new Set([...open.filter(({ role }) => role !== 'other'), ...own.slice(0, room)]);
  return open
    .filter((folder) => chosen.has(folder))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, limit);
}

/** Junk among resolved folders, and how we know. */
export function junkOf(folders: readonly SeedFolder[]): { path: string; source: FolderRoleSource } | null {
  const junk = folders.find(({ role }) => role === 'junk');
  return junk ? { path: junk.path, source: junk.roleSource ?? 'name' } : null;
}

/** The user's choice, else SPECIAL-USE, else the provider's names, else names in any language (the shallowest such folder). */
function resolveJunk(
  listed: readonly ListedFolder[],
  provider: ProviderId,
  chosen: string | null,
): { path: string; source: FolderRoleSource } | null {
  const open = listed.filter((one) => isSelectable(one) && !isInbox(one.path));
  if (chosen !== null && chosen !== '') {
    const exact = listed.find(({ path }) => path === chosen);
    const match = exact ?? listed.find(({ path }) => fold(path) === fold(chosen));
    // A chosen folder that is gone is said so by the check; until then the rest of the ladder decides.
    if (match) return { path: match.path, source: 'user' };
  }
  const flagged = open.find((one) => roleByFlag(one) === 'junk');
  if (flagged) return { path: flagged.path, source: 'special-use' };
  // A folder that the server marks as something else is not Junk, however it is called.
  const unmarked = open.filter((one) => roleByFlag(one) === null);
  for (const name of PROVIDERS[provider].junkNames) {
    const match =
      unmarked.find((one) => fold(one.path) === fold(name)) ?? unmarked.find((one) => fold(leaf(one)) === fold(name));
    if (match) return { path: match.path, source: 'name' };
  }
  const named = unmarked
    .filter((one) => JUNK_NAMES.has(fold(leaf(one))) || one.guess?.toLowerCase() === '\\junk')
    .sort((a, b) => depth(a) - depth(b));
  return named[0] ? { path: named[0].path, source: 'name' } : null;
}

function roleOf(one: ListedFolder): { role: FolderRole; source: FolderRoleSource | null } {
  if (isInbox(one.path)) return { role: 'inbox', source: 'protocol' }; // RFC 9051 §5.1: the name INBOX is fixed
  const flagged = roleByFlag(one);
  // Two folders may be marked \Junk; the second is one of the user's own.
  if (flagged !== null && flagged !== 'inbox' && flagged !== 'junk') return { role: flagged, source: 'special-use' };
  const name = fold(leaf(one));
  if (SENT_NAMES.has(name)) return { role: 'sent', source: 'name' };
  if (DRAFT_NAMES.has(name)) return { role: 'drafts', source: 'name' };
  if (TRASH_NAMES.has(name)) return { role: 'trash', source: 'name' };
  if (ARCHIVE_NAMES.has(name)) return { role: 'archive', source: 'name' };
  const guessed = one.guess === null ? undefined : ROLE_OF_FLAG.get(one.guess.toLowerCase());
  if (guessed !== undefined && !BY_FLAG_ALONE.has(guessed)) return { role: guessed, source: 'name' };
  return { role: 'other', source: null };
}

function roleByFlag(one: ListedFolder): FolderRole | null {
  for (const flag of one.flags) {
    const role = ROLE_OF_FLAG.get(flag.toLowerCase());
    if (role !== undefined) return role;
  }
  return null;
}

function isSelectable(one: ListedFolder): boolean {
  return !one.flags.some((flag) => /^\\(noselect|nonexistent)$/i.test(flag));
}

function isInbox(path: string): boolean {
  return path.toUpperCase() === 'INBOX'; // case does not matter in this one name, RFC 9051 §5.1
}

/** The last part of a path: `[Gmail]/Spam` → `Spam`. */
function leaf(one: ListedFolder): string {
  return one.delimiter === '' ? one.path : one.path.slice(one.path.lastIndexOf(one.delimiter) + one.delimiter.length);
}

function depth(one: ListedFolder): number {
  return one.delimiter === '' ? 0 : one.path.split(one.delimiter).length;
}

const RANK: Record<FolderRole, number> = {
  junk: 0,
  inbox: 1,
  other: 2,
  archive: 3,
  all: 4,
  trash: 5,
  sent: 6,
  drafts: 7,
  flagged: 8,
  important: 8,
};

function rank(folder: SeedFolder): number {
  return folder.selectable ? RANK[folder.role] : 9;
}

/** Folds what does not matter in a name: case, width (ＳＰＡＭ), direction marks, runs of space. */
function fold(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
