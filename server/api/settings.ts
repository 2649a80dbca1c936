/** What the owner likes: language and time zone. Null: as the browser says. */
import { readSetting, writeSetting } from '../../db/settings.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { isTimeZone } from '../monitor/schedule.ts';
import { type SettingsJson, settingsJson, settingsPatch } from './json/owner.ts';
import { route } from './route.ts';

export const settingRoutes = [
  route({
    method: 'get',
    path: '/api/settings',
    summary: 'Language and time zone',
    reply: settingsJson,
    handler: readSettings,
  }),
  route({
    method: 'patch',
    path: '/api/settings',
    summary: 'Change language or time zone',
    body: settingsPatch,
    reply: settingsJson,
    handler: async (app, { body }) => {
      if (typeof body.timeZone === 'string' && !isTimeZone(body.timeZone))
        throw new AppError('invalid', 'There is no such time zone: use a name like Europe/Berlin or Asia/Tokyo.', {
          errors: [{ path: 'timeZone', message: 'is no time zone' }],
        });
      if (body.language !== undefined) await writeSetting(app.db, 'language', body.language, app.now());
      if (body.timeZone !== undefined) await writeSetting(app.db, 'time-zone', body.timeZone, app.now());
      app.announce({ topic: 'setting', id: 'settings' });
      return readSettings(app);
    },
  }),
];

async function readSettings(app: App): Promise<SettingsJson> {
  return {
    language: languageOf(await readSetting(app.db, 'language')),
    timeZone: timeZoneOf(await readSetting(app.db, 'time-zone')),
  };
}

export function languageOf(value: unknown): 'en' | 'ja' | null {
  return value === 'en' || value === 'ja' ? value : null;
}

export function timeZoneOf(value: unknown): string | null {
  return typeof value === 'string' && isTimeZone(value) ? value : null;
}
