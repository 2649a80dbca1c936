/** Signing in: the right password, few wrong ones, links that work once, sessions that end. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import type { SessionJson, SessionsJson } from '../../server/api/json/owner.ts';
import { createPasswordLink, createSignInLink } from '../../server/owner/links.ts';
import { hashPassword, verifyPassword } from '../../server/owner/password.ts';
import { asPage, cookieOf, type House, openHouse, PASSWORD, setPassword, signIn } from '../api/house.ts';

let house: House;
beforeEach(async () => {
  await house?.close();
  house = await openHouse({ TODOKU_TRUST_PROXIES: '127.0.0.1' });
});
after(() => house.close());

const JSON_OWN = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };

test('a hash fits its own password only', async () => {
  const phc = await hashPassword('パスワード１２３４５');
  assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  // The same text typed on another keyboard: full-width digits and ASCII ones are one password (NFKC).
  assert.ok(await verifyPassword('パスワード12345', phc));
  for (const wrong of ['', 'パスワード1234', 'x'.repeat(5000)]) assert.ok(!(await verifyPassword(wrong, phc)));
  for (const none of ['', '$argon2id$', 'plain', '$argon2id$v=19$m=1,t=1,p=1$!$!'])
    assert.ok(!(await verifyPassword('', none)));
});

test('before a password is set nobody signs in, and the link sets it once', async () => {
  const before = await house.raw<SessionJson>('GET', '/api/session', {});
  assert.deepEqual([before.json.signedIn, before.json.needsPassword], [false, true]);
  assert.equal((await signIn(house)).status, 401);
  const link = new URL(await createPasswordLink(house.todoku.app, house.todoku.url)).searchParams.get('link');
  const set = (password: string) => house.raw('PUT', '/api/password', JSON_OWN, JSON.stringify({ link, password }));
  assert.equal((await set('short')).status, 400);
  assert.equal((await set('aaaaaaaaaaaaaa')).status, 400);
  const first = await set(PASSWORD);
  assert.equal(first.status, 200);
  assert.equal((await set('another password')).status, 403);
  assert.equal((await asPage<SessionJson>(house, cookieOf(first), 'GET', '/api/session')).json.signedIn, true);
  assert.equal((await signIn(house)).status, 200);
});

test('old links do not work, and two at once work for one', async () => {
  const link = async (): Promise<string | null> =>
    new URL(await createSignInLink(house.todoku.app, house.todoku.url)).searchParams.get('link');
  const use = (secret: string | null) => house.raw('POST', '/api/session', JSON_OWN, JSON.stringify({ link: secret }));
  const old = await link();
  house.wait(61 * 60_000);
  assert.equal((await use(old)).status, 403);
  const fresh = await link();
  const statuses = (await Promise.all(Array.from({ length: 8 }, () => use(fresh)))).map(({ status }) => status);
  assert.deepEqual(statuses.toSorted(), [200, 403, 403, 403, 403, 403, 403, 403]);
  // A link to sign in is none to set the password with.
  const other = await link();
  assert.equal(
    (await house.raw('PUT', '/api/password', JSON_OWN, JSON.stringify({ link: other, password: PASSWORD }))).status,
    403,
  );
});

describe('guessing', () => {
  test('at most ten guesses in a quarter of an hour reach the hash, from however many addresses', async () => {
    const cookie = await setPassword(house);
    const guesses = Array.from({ length: 60 }, (_, i) =>
      signIn(house, `guess ${i}`, { 'x-forwarded-for': `2001:db8:${i.toString(16)}::1, 10.0.0.${i}` }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 401).length, 10);
    assert.equal(statuses.filter((status) => status === 429).length, 50);
    const right = await signIn(house);
    assert.equal(right.status, 429);
    const seconds = Number(right.headers.get('retry-after'));
    assert.ok(seconds > 0 && seconds <= 900);
    // Whoever is signed in goes on working, and cannot be used to go on guessing either.
    assert.equal((await asPage(house, cookie, 'GET', '/api/senders')).status, 200);
    assert.equal(
      (await asPage(house, cookie, 'PUT', '/api/password', { current: 'guess', password: 'new password 1' })).status,
      429,
    );
    house.wait(15 * 60_000 + 1000);
    assert.equal((await signIn(house)).status, 200);
  });

  test('ten thousand guesses over a day are ten in each quarter of an hour', async () => {
    await setPassword(house);
    let reached = 0;
    for (let window = 0; window < 4; window++) {
      const statuses = await Promise.all(
        Array.from({ length: 40 }, () => signIn(house, 'guess').then(({ status }) => status)),
      );
      reached += statuses.filter((status) => status === 401).length;
      house.wait(15 * 60_000 + 1000);
    }
    assert.equal(reached, 40);
  });

  test('signing in rightly is no guess', async () => {
    await setPassword(house);
    for (let i = 0; i < 15; i++) assert.equal((await signIn(house)).status, 200);
  });

  test('a restart forgives nothing', async () => {
    await setPassword(house);
    for (let i = 0; i < 10; i++) await signIn(house, 'guess');
    const { folder, todoku } = house;
    await todoku.stop();
    house = await openHouse({}, folder);
    assert.equal((await signIn(house)).status, 429);
  });
});

describe('sessions', () => {
  test('the cookie is for this site, for HTTP only, and over HTTPS for this host alone', async () => {
    await setPassword(house);
    const plain = (await signIn(house)).headers.get('set-cookie') ?? '';
    assert.match(plain, /^todoku=[\w-]{43}; .*HttpOnly; SameSite=Lax$/);
    assert.ok(!/Secure/.test(plain));
    const secure = (await signIn(house, PASSWORD, { 'x-forwarded-proto': 'https' })).headers.get('set-cookie') ?? '';
    assert.match(secure, /^__Host-todoku=[\w-]{43}; .*Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
  });

  test('a new password ends all other sessions and all links', async () => {
    const here = await setPassword(house);
    const elsewhere = cookieOf(await signIn(house));
    const link = new URL(await createPasswordLink(house.todoku.app, house.todoku.url)).searchParams.get('link');
    assert.equal(
      (await asPage(house, here, 'PUT', '/api/password', { current: 'wrong', password: 'brand new password' })).status,
      401,
    );
    assert.equal(
      (await asPage(house, here, 'PUT', '/api/password', { current: PASSWORD, password: 'brand new password' })).status,
      200,
    );
    assert.equal((await asPage(house, here, 'GET', '/api/senders')).status, 200);
    assert.equal((await asPage(house, elsewhere, 'GET', '/api/senders')).status, 401);
    assert.equal(
      (await house.raw('PUT', '/api/password', JSON_OWN, JSON.stringify({ link, password: PASSWORD }))).status,
      403,
    );
    assert.equal((await signIn(house)).status, 401);
    assert.equal((await signIn(house, 'brand new password')).status, 200);
  });

  test('they are listed without their secret, and each can be ended', async () => {
    const here = await setPassword(house);
    const elsewhere = cookieOf(await signIn(house, PASSWORD, { 'user-agent': 'other browser' }));
    const list = await asPage<SessionsJson>(house, here, 'GET', '/api/sessions');
    assert.equal(list.json.items.length, 2);
    assert.ok(!list.text.includes(elsewhere.split('=')[1] ?? ''));
    const other = list.json.items.find((session) => session.userAgent === 'other browser');
    assert.equal(other?.current, false);
    assert.equal((await asPage(house, here, 'DELETE', `/api/sessions/${other?.id}`)).status, 204);
    assert.equal((await asPage(house, elsewhere, 'GET', '/api/senders')).status, 401);
  });

  test('a session in use stays, an unused one ends', async () => {
    const used = await setPassword(house);
    const unused = cookieOf(await signIn(house));
    for (let day = 0; day < 40; day++) {
      house.wait(86_400_000);
      assert.equal((await asPage(house, used, 'GET', '/api/settings')).status, 200, `day ${day}`);
    }
    assert.equal((await asPage(house, unused, 'GET', '/api/settings')).status, 401);
  });
});
