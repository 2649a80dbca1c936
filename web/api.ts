/**
 * The client of our own API. Every answer has the type of the schema that the server validates it with, so a renamed field breaks the
 * build and not a page. Errors come as RFC 9457 problems and leave as ApiError: a code to look up words by, and the server's own sentence.
 *
 * Long because every route that the pages ask stands in this one list, but for those about campaigns, which their own pages alone need (`campaign-api.ts`).
 */
import type { AboutJson } from '../server/api/json/about.ts';
import type { BackupJson, BackupsJson, NewBackupJson, RestoreInput, RestoreJson } from '../server/api/json/backups.ts';
import type { ProblemJson } from '../server/api/json/basics.ts';
import type { MonitorDelaysJson } from '../server/api/json/delays.ts';
import type {
  ChecksJson,
  DmarcReportJson,
  DomainDetailsJson,
  DomainInput,
  DomainJson,
  DomainPatch,
  DomainsJson,
  HistoryJson,
  SpfEvaluationJson,
} from '../server/api/json/domains.ts';
import type { HeartbeatsJson } from '../server/api/json/heartbeats.ts';
import type { ImportInput, ImportJson } from '../server/api/json/imports.ts';
import type {
  MonitorInput,
  MonitorJson,
  MonitorPatch,
  MonitorsJson,
  ScheduleCheckInput,
  ScheduleCheckJson,
  StartedRunJson,
} from '../server/api/json/monitors.ts';
import type { OverviewJson, PlacementSeriesJson } from '../server/api/json/overview.ts';
import type {
  NewTokenJson,
  PasswordInput,
  SessionJson,
  SessionsJson,
  SettingsJson,
  SettingsPatch,
  SignInInput,
  TokenInput,
  TokensJson,
} from '../server/api/json/owner.ts';
import type { PresetsJson } from '../server/api/json/presets.ts';
import type { PreviewJson } from '../server/api/json/previews.ts';
import type { ProbeDetailsJson } from '../server/api/json/probes.ts';
import type { RunJson, RunsJson } from '../server/api/json/runs.ts';
import type { SearchJson } from '../server/api/json/search.ts';
import type { SeedCheckJson, SeedInput, SeedJson, SeedPatch, SeedsJson, TagsJson } from '../server/api/json/seeds.ts';
import type { SenderCheckJson, SenderInput, SenderJson, SenderPatch, SendersJson } from '../server/api/json/senders.ts';
import type { TrialJson } from '../server/api/json/trial.ts';
import type { NewWallLinkJson, WallJson, WallLinkInput, WallLinksJson } from '../server/api/json/walls.ts';
import { addressOf } from './base.ts';

export class ApiError extends Error {
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  /** A word of server/errors.ts, `offline`, or `http-<status>` when the answer was no problem document. */
  readonly code: string;
  /** The server's sentence, in English; may be empty. */
  readonly sentence: string;
  /** Wrong fields by their path: `smtp.host`. */
  readonly fields: { path: string; message: string }[];
  readonly detail: Record<string, unknown>;

  constructor(
    status: number,
    code: string,
    sentence: string,
    fields: ApiError['fields'] = [],
    detail: ApiError['detail'] = {},
  ) {
    super(sentence || code);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.sentence = sentence;
    this.fields = fields;
    this.detail = detail;
  }
}

type Query = Record<string, string | number | boolean | undefined>;

let onSignedOut: () => void = () => undefined;
/** What to do when the server no longer knows us (a session was revoked or has ended). */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

/** @param path begins with /api/ ; parts that come from data must be encoded by `seg` */
export async function request<Reply>(
  method: string,
  path: string,
  options: {
    query?: Query;
    body?: unknown;
    /** Sent as it is, without ever being in memory as a whole. */
    file?: Blob;
    fileType?: 'application/vnd.sqlite3' | 'message/rfc822' | 'application/octet-stream';
    /** Of a wall link; nobody need be signed in. */
    key?: string;
    text?: true;
    signal?: AbortSignal;
  } = {},
): Promise<Reply> {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(options.query ?? {}))
    if (value !== undefined && value !== '') search.set(key, String(value));
  const address = addressOf(path);
  let response: Response;
  try {
    response = await fetch(search.size === 0 ? address : `${address}?${search}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.file === undefined ? {} : { 'content-type': options.fileType ?? 'application/vnd.sqlite3' }),
        ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
      },
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.file === undefined ? {} : { body: options.file }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (error instanceof TypeError) throw new ApiError(0, 'offline', '');
    throw error;
  }
  if (!response.ok) {
    const problem = await readProblem(response);
    if (problem.code === 'not-signed-in' && options.key === undefined) onSignedOut();
    throw problem;
  }
  if (options.text) return (await response.text()) as Reply;
  return (response.status === 204 ? undefined : await response.json()) as Reply;
}

async function readProblem(response: Response): Promise<ApiError> {
  const unnamed = new ApiError(response.status, `http-${response.status}`, '');
  if (!/json/.test(response.headers.get('content-type') ?? '')) return unnamed;
  try {
    const problem = (await response.json()) as Partial<ProblemJson>;
    if (typeof problem.code !== 'string') return unnamed;
    return new ApiError(
      response.status,
      problem.code,
      problem.detail ?? problem.title ?? '',
      problem.errors ?? [],
      problem.extra ?? {},
    );
  } catch (error) {
    if (error instanceof SyntaxError) return unnamed;
    throw error;
  }
}

export const seg = encodeURIComponent;
export const get = <Reply>(path: string, query: Query = {}, signal?: AbortSignal) =>
  request<Reply>('GET', path, { query, ...(signal ? { signal } : {}) });

/** Of a domain's history, at once. */
const CHANGES_SHOWN = 20;
const CHECKS_SHOWN = 20;
/** Runs that a heartbeat shows. */
export const HEARTBEAT_RUNS = 30;
export type OverviewFilter = {
  senderId?: string | undefined;
  monitorId?: string | undefined;
  provider?: string | undefined;
  tag?: string | undefined;
};
export type Period = { from?: string | undefined; to?: string | undefined; timeZone?: string | undefined };

export const api = {
  session: {
    current: () => get<SessionJson>('/api/session'),
    signIn: (body: SignInInput) => request<SessionJson>('POST', '/api/session', { body }),
    signOut: () => request<void>('DELETE', '/api/session'),
    setPassword: (body: PasswordInput) => request<unknown>('PUT', '/api/password', { body }),
    list: () => get<SessionsJson>('/api/sessions'),
    revoke: (id: string) => request<void>('DELETE', `/api/sessions/${seg(id)}`),
  },
  tokens: {
    list: () => get<TokensJson>('/api/tokens'),
    create: (body: TokenInput) => request<NewTokenJson>('POST', '/api/tokens', { body }),
    revoke: (id: string) => request<void>('DELETE', `/api/tokens/${seg(id)}`),
  },
  settings: {
    read: () => get<SettingsJson>('/api/settings'),
    change: (body: SettingsPatch) => request<SettingsJson>('PATCH', '/api/settings', { body }),
  },
  backups: {
    list: () => get<BackupsJson>('/api/backups'),
    make: () => request<NewBackupJson>('POST', '/api/backups', { body: {} }),
    upload: (file: Blob, signal?: AbortSignal) =>
      request<BackupJson>('POST', '/api/backups/uploads', { file, ...(signal ? { signal } : {}) }),
    remove: (name: string) => request<void>('DELETE', `/api/backups/${seg(name)}`),
    path: (name: string) => `/api/backups/${seg(name)}`,
    restore: (body: RestoreInput) => request<RestoreJson>('POST', '/api/restores', { body }),
  },
  about: () => get<AboutJson>('/api/about'),
  search: (q: string, limit?: number, signal?: AbortSignal) => get<SearchJson>('/api/search', { q, limit }, signal),
  wallLinks: {
    list: () => get<WallLinksJson>('/api/wall-links'),
    create: (body: WallLinkInput) => request<NewWallLinkJson>('POST', '/api/wall-links', { body }),
    revoke: (id: string) => request<void>('DELETE', `/api/wall-links/${seg(id)}`),
  },
  /** @param key of a wall link; left out: as the owner who is signed in */
  wall: (
    query: { period?: '24h' | '7d' | '30d' | undefined; timeZone?: string | undefined },
    key?: string,
    signal?: AbortSignal,
  ) =>
    request<WallJson>('GET', '/api/wall', {
      query,
      ...(key === undefined ? {} : { key }),
      ...(signal ? { signal } : {}),
    }),
  trial: {
    read: () => get<TrialJson>('/api/trial'),
    start: () => request<TrialJson>('POST', '/api/trial'),
    remove: () => request<void>('DELETE', '/api/trial'),
  },
  presets: () => get<PresetsJson>('/api/presets'),
  overview: (query: Period & OverviewFilter, signal?: AbortSignal) => get<OverviewJson>('/api/overview', query, signal),
  heartbeats: (monitorId?: string, signal?: AbortSignal) =>
    get<HeartbeatsJson>('/api/heartbeats', { monitorId, limit: HEARTBEAT_RUNS }, signal),
  senders: {
    list: () => everyPage<SendersJson['items'][number]>('/api/senders'),
    create: (body: SenderInput) => request<SenderJson>('POST', '/api/senders', { body }),
    change: (id: string, body: SenderPatch) => request<SenderJson>('PATCH', `/api/senders/${seg(id)}`, { body }),
    remove: (id: string) => request<void>('DELETE', `/api/senders/${seg(id)}`),
    check: (id: string) => request<SenderCheckJson>('POST', `/api/senders/${seg(id)}/checks`, { body: {} }),
    import: (body: ImportInput) => request<ImportJson>('POST', '/api/senders/imports', { body }),
    exportPath: addressOf('/api/senders/export'),
  },
  domains: {
    list: () => everyPage<DomainsJson['items'][number]>('/api/domains'),
    read: (id: string) => get<DomainDetailsJson>(`/api/domains/${seg(id)}`),
    create: (body: DomainInput) => request<DomainJson>('POST', '/api/domains', { body }),
    change: (id: string, body: DomainPatch) => request<DomainJson>('PATCH', `/api/domains/${seg(id)}`, { body }),
    remove: (id: string) => request<void>('DELETE', `/api/domains/${seg(id)}`),
    check: (id: string) => request<DomainDetailsJson>('POST', `/api/domains/${seg(id)}/checks`, { body: {} }),
    readReport: (id: string, file: Blob) =>
      request<DmarcReportJson>('POST', `/api/domains/${seg(id)}/reports`, {
        file,
        fileType: 'application/octet-stream',
      }),
    checks: (id: string) => get<ChecksJson>(`/api/domains/${seg(id)}/checks`, { limit: CHECKS_SHOWN }),
    history: (id: string, cursor?: string) =>
      get<HistoryJson>(`/api/domains/${seg(id)}/history`, { cursor, limit: CHANGES_SHOWN }),
    evaluateSpf: (id: string, query: { ip: string; sender?: string | undefined; helo?: string | undefined }) =>
      get<SpfEvaluationJson>(`/api/domains/${seg(id)}/spf-evaluations`, query),
  },
  seeds: {
    list: () => everyPage<SeedsJson['items'][number]>('/api/seeds'),
    tags: () => get<TagsJson>('/api/tags'),
    create: (body: SeedInput) => request<SeedJson>('POST', '/api/seeds', { body }),
    change: (id: string, body: SeedPatch) => request<SeedJson>('PATCH', `/api/seeds/${seg(id)}`, { body }),
    remove: (id: string) => request<void>('DELETE', `/api/seeds/${seg(id)}`),
    check: (id: string) => request<SeedCheckJson>('POST', `/api/seeds/${seg(id)}/checks`, { body: {} }),
    import: (body: ImportInput) => request<ImportJson>('POST', '/api/seeds/imports', { body }),
    exportPath: addressOf('/api/seeds/export'),
  },
  monitors: {
    list: () => everyPage<MonitorsJson['items'][number]>('/api/monitors'),
    read: (id: string) => get<MonitorJson>(`/api/monitors/${seg(id)}`),
    create: (body: MonitorInput) => request<MonitorJson>('POST', '/api/monitors', { body }),
    change: (id: string, body: MonitorPatch) => request<MonitorJson>('PATCH', `/api/monitors/${seg(id)}`, { body }),
    remove: (id: string) => request<void>('DELETE', `/api/monitors/${seg(id)}`),
    run: (id: string) => request<StartedRunJson>('POST', `/api/monitors/${seg(id)}/runs`, { body: {} }),
    placement: (id: string, query: Period & { bucket: 'hour' | 'day' }, signal?: AbortSignal) =>
      get<PlacementSeriesJson>(`/api/monitors/${seg(id)}/placement`, { ...query, by: 'provider' }, signal),
    delays: (id: string, query: Omit<Period, 'timeZone'> & { provider?: string | undefined }, signal?: AbortSignal) =>
      get<MonitorDelaysJson>(`/api/monitors/${seg(id)}/delays`, query, signal),
    checkSchedule: (body: ScheduleCheckInput) => request<ScheduleCheckJson>('POST', '/api/schedule-checks', { body }),
  },
  runs: {
    list: (query: { monitorId?: string | undefined; cursor?: string | undefined; limit?: number }) =>
      get<RunsJson>('/api/runs', query),
    read: (id: string) => get<RunJson>(`/api/runs/${seg(id)}`),
  },
  probes: {
    read: (id: string) => get<ProbeDetailsJson>(`/api/probes/${seg(id)}`),
    message: (id: string) => request<string>('GET', `/api/probes/${seg(id)}/message`, { text: true }),
    preview: (id: string) => get<PreviewJson>(`/api/probes/${seg(id)}/preview`),
    messagePath: (id: string) => addressOf(`/api/probes/${seg(id)}/message`),
  },
};

/** All items of a list, page by page. Lists of things people make by hand are short; 20 pages are the end. */
async function everyPage<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 20; page++) {
    const answer = await get<{ items: Item[]; nextCursor: string | null }>(path, { cursor, limit: 500 });
    items.push(...answer.items);
    if (answer.nextCursor === null) break;
    cursor = answer.nextCursor;
  }
  return items;
}
