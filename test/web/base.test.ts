/** Two worlds, one set of pages: each route is asked where it is mounted. A new route fails here until somebody has decided whose it is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createEvents } from '../../server/api/events.ts';
import { allRoutes, worldRoutes } from '../../server/api/routes.ts';
import { addressIn, baseOf } from '../../web/base.ts';
import { type House, openHouse } from '../api/house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('the address says which world is shown', () => {
  const cases: [string, string][] = [
    ['/', ''],
    ['/trial', '/trial'],
    ['/trial/', '/trial'],
    ['/trial/runs/1', '/trial'],
    ['/trials', ''],
    ['/Trial/', ''],
    ['/runs/trial', ''],
  ];
  for (const [path, base] of cases) assert.equal(baseOf(path), base, path);
});

test('the pages ask for each route where the server has it', () => {
  const { todoku } = house;
  const events = createEvents(todoku.app.log);
  const shared = new Set(worldRoutes(() => events).map(({ path }) => path));
  const { routes } = allRoutes(todoku.app, events, todoku.trial);
  events.close();
  assert.ok(shared.size > 15);
  for (const { path } of routes) {
    if (!path.startsWith('/api/')) continue;
    assert.equal(addressIn('', path), path);
    assert.equal(addressIn('/trial', path), shared.has(path) ? `/trial${path}` : path, path);
  }
  assert.equal(addressIn('/trial', '/api/seeds?limit=1'), '/trial/api/seeds?limit=1');
  assert.equal(addressIn('/trial', '/api/session?x=1'), '/api/session?x=1');
});
