/** What the owner likes: language and time zone (null: as the browser says), how long things are kept, backups, the guide. */
import { listRuns } from '../../db/runs.ts';
import { readSetting, writeSetting } from '../../db/settings.ts';
import type { App } from '../app.ts';
import { backupSettingOf } from '../backup/names.ts';
import { AppError } from '../errors.ts';
import { isTimeZone } from '../monitor/schedule.ts';
import { retentionOf } from '../retention.ts';
import { GUIDE_STATES, type SettingsJson, settingsJson, settingsPatch } from './json/owner.ts';
import { route } from './route.ts';

export const settingRoutes = [
  route({
    method: 'get',
    path: '/api/settings',
    summary: 'Language, time zone, how long things are kept, daily backups, the guide',
    reply: settingsJson,
    handler: readSettings,
  }),
  route({
    method: 'patch',
    path: '/api/settings',
    summary: 'Change settings; what is left out stays',
    body: settingsPatch,
    reply: settingsJson,
    handler: async (app, { body }) => {
      if (typeof body.timeZone === 'string' && !isTimeZone(body.timeZone))
        throw new AppError('invalid', 'There is no such time zone: use a name like Europe/Berlin or Asia/Tokyo.', {
          errors: [{ path: 'timeZone', message: 'is no time zone' }],
        });
      const { language, timeZone, retention, backups, guide } = body;
      await app.db.transaction().execute(async (tx) => {
        const now = app.now();
        if (language !== undefined) await writeSetting(tx, 'language', language, now);
        if (timeZone !== undefined) await writeSetting(tx, 'time-zone', timeZone, now);
        if (retention !== undefined) {
          const present = retentionOf(await readSetting(tx, 'retention'));
          await writeSetting(tx, 'retention', { ...present, ...retention }, now);
        }
        if (backups !== undefined) {
          const present = backupSettingOf(await readSetting(tx, 'backups'));
          await writeSetting(tx, 'backups', { ...present, ...backups }, now);
        }
        if (guide !== undefined) await writeSetting(tx, 'guide', guide, now);
      });
      app.announce({ topic: 'setting', id: 'settings' });
      return readSettings(app);
    },
  }),
];

async function readSettings(app: App): Promise<SettingsJson> {
  const guide = await readSetting(app.db, 'guide');
  return {
    language: languageOf(await readSetting(app.db, 'language')),
    timeZone: timeZoneOf(await readSetting(app.db, 'time-zone')),
    retention: retentionOf(await readSetting(app.db, 'retention')),
    backups: backupSettingOf(await readSetting(app.db, 'backups')),
    guide: GUIDE_STATES.find((state) => state === guide) ?? (await guideOfOld(app)),
  };
}

/** Nobody has touched the guide. Who has had a run, set up without it or before there was one, needs none. */
async function guideOfOld(app: App): Promise<SettingsJson['guide']> {
  return (await listRuns(app.db, { limit: 1 })).length > 0 ? 'done' : 'open';
}

export function languageOf(value: unknown): 'en' | 'ja' | null {
  return value === 'en' || value === 'ja' ? value : null;
}

export function timeZoneOf(value: unknown): string | null {
  return typeof value === 'string' && isTimeZone(value) ? value : null;
}
