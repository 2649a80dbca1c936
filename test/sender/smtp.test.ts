/** Handing over to a server that behaves: what arrives, what is kept as evidence, how connections are shared, and the check. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSender, openTransport } from '../../server/sender/smtp.ts';
import { newAuthority, selfSigned } from '../net/certificates.ts';
import { authority, MESSAGE, options, PATIENT, routeTo, startScript, startServer, usual } from './servers.ts';

test('a message arrives as it is, over TLS, and the dialogue shows how', async () => {
  const server = await startServer({ size: 35_000_000 });
  const transport = openTransport(routeTo(server.port), options(PATIENT));
  try {
    const result = await transport.send(MESSAGE);
    assert.equal(result.end, 'accepted', JSON.stringify(result));
    assert.equal(result.reason, 'accepted');
    assert.equal(result.code, 250);
    assert.equal(result.enhanced, '2.0.0');
    assert.match(result.tls?.version ?? '', /^TLSv1\.[23]$/);
    assert.deepEqual(server.received, [{ from: 'me@good.test', to: ['inbox@gmail.test'], raw: MESSAGE.raw }]);
    const said = result.dialogue.filter((line) => line.from === 'client').map((line) => line.text);
    assert.deepEqual(said, [
      'EHLO probe.example.com',
      'AUTH PLAIN ***',
      `MAIL FROM:<me@good.test> SIZE=${MESSAGE.raw.length}`,
      'RCPT TO:<inbox@gmail.test>',
      'DATA',
    ]);
    const whole = JSON.stringify(result.dialogue);
    assert.doesNotMatch(whole, /Hello/, 'the message is no part of the dialogue');
    assert.match(whole, /message, \d+ bytes/);
    assert.equal(result.dialogue.at(-1)?.text, '250 2.0.0 OK queued');
  } finally {
    await transport.close();
    await server.close();
  }
});

test('many messages, two connections, two logins', async () => {
  const server = await startServer();
  const transport = openTransport(routeTo(server.port), options(PATIENT));
  try {
    const results = await Promise.all(Array.from({ length: 20 }, () => transport.send(MESSAGE)));
    assert.deepEqual(new Set(results.map((result) => result.end)), new Set(['accepted']));
    assert.equal(server.received.length, 20);
    assert.equal(server.connections(), 2);
    assert.equal(server.logins(), 2);
    const reused = results.filter((result) => !result.dialogue.some(({ text }) => text.startsWith('EHLO')));
    assert.equal(reused.length, 18);
    for (const { dialogue } of results)
      assert.equal(dialogue.filter(({ text }) => text.startsWith('MAIL')).length, 1, 'one dialogue, one message');
  } finally {
    await transport.close();
    await server.close();
  }
});

test('a refused recipient leaves the connection good for the next', async () => {
  const server = await startServer({
    onRcptTo: (address, _session, done) =>
      done(
        address.address.startsWith('550')
          ? Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 })
          : null,
      ),
  });
  const transport = openTransport(routeTo(server.port), options(PATIENT, { maxConnections: 1 }));
  try {
    const refused = await transport.send({ ...MESSAGE, envelope: { from: 'me@good.test', to: '550@gmail.test' } });
    assert.equal(refused.end, 'rejected');
    assert.equal(refused.reason, 'no-such-user');
    assert.equal(refused.reply, '550 5.1.1 no such user');
    assert.equal((await transport.send(MESSAGE)).end, 'accepted');
    assert.equal(server.connections(), 1);
    assert.equal(server.received.length, 1);
  } finally {
    await transport.close();
    await server.close();
  }
});

test('STARTTLS is required and no secret leaves before it', async () => {
  const server = await startServer({ secure: false });
  const transport = openTransport(routeTo(server.port, { security: 'starttls' }), options(PATIENT));
  try {
    const result = await transport.send(MESSAGE);
    assert.equal(result.end, 'accepted', JSON.stringify(result));
    assert.ok(result.tls);
  } finally {
    await transport.close();
    await server.close();
  }
});

test('a server that strips STARTTLS hears no secret', async () => {
  const plays = [
    usual({ STARTTLS: '502 5.5.1 not here\r\n' }),
    usual({ STARTTLS: '454 4.7.0 not now\r\n' }),
    usual({ EHLO: '500 what?\r\n', HELO: '250 script\r\n', STARTTLS: '502 no\r\n' }),
    usual({ STARTTLS: '220 ready\r\n235 2.7.0 Accepted\r\n250 injected\r\n' }),
  ];
  for (const play of plays) {
    const script = await startScript(play);
    const transport = openTransport(routeTo(script.port, { security: 'starttls' }), options());
    const result = await transport.send(MESSAGE);
    await transport.close();
    await script.close();
    assert.equal(result.end, 'deferred');
    assert.ok(['tls-not-offered', 'tls-failed', 'protocol-error', 'timeout'].includes(result.reason), result.reason);
    assert.doesNotMatch(script.heardInClear(), /AUTH|MAIL|c2VjcmV0/);
    assert.doesNotMatch(script.heardInClear(), new RegExp(Buffer.from('\0user\0secret pass').toString('base64')));
  }
});

test('what comes in clear after 220 is not believed after TLS', async () => {
  const play = usual({ STARTTLS: '220 go ahead\r\n250-evil\r\n250 AUTH PLAIN\r\n235 2.7.0 welcome\r\n' });
  const script = await startScript(play);
  const transport = openTransport(routeTo(script.port, { security: 'starttls' }), options());
  const result = await transport.send(MESSAGE);
  await transport.close();
  await script.close();
  assert.doesNotMatch(script.heardInClear(), /AUTH|MAIL/);
  assert.ok(!JSON.stringify(result.dialogue).includes('welcome'));
});

test('certificates that are not right end before a secret is spoken', async () => {
  const now = Date.now();
  const cases: [string, { key: string; cert: string }][] = [
    ['certificate-untrusted', selfSigned(['localhost'])],
    ['certificate-untrusted', newAuthority().issue(['localhost'])],
    ['certificate-wrong-host', authority.issue(['other.test'])],
    ['certificate-expired', authority.issue(['localhost'], { from: now - 2e9, to: now - 1e8 })],
    ['certificate-not-yet-valid', authority.issue(['localhost'], { from: now + 1e8, to: now + 2e9 })],
  ];
  for (const [expected, identity] of cases) {
    for (const security of ['tls', 'starttls'] as const) {
      const server = await startServer({ ...identity, secure: security === 'tls' });
      const check = await checkSender(routeTo(server.port, { security }), options(PATIENT));
      await server.close();
      assert.equal(check.ok, false);
      assert.equal(check.reason, expected, `${security}: ${JSON.stringify(check.dialogue)}`);
      assert.equal(server.logins(), 0);
    }
  }
});

test('cleartext is refused off loopback and private hosts are refused unlisted', async () => {
  const cases: { expected: string; address: string; security: 'tls' | 'none'; allowed: string[] }[] = [
    { expected: 'cleartext-refused', address: '10.0.0.1', security: 'none', allowed: ['10.0.0.0/8'] },
    { expected: 'private-address', address: '10.0.0.1', security: 'tls', allowed: [] },
    { expected: 'private-address', address: '127.0.0.1', security: 'none', allowed: [] },
    { expected: 'cleartext-refused', address: '192.0.2.1', security: 'none', allowed: ['192.0.2.0/24'] },
  ];
  for (const { expected, address, security, allowed } of cases) {
    const check = await checkSender(
      routeTo(25, { security }),
      options({}, { allowedNetworks: allowed, lookup: async () => [{ address, family: 4 }] }),
    );
    assert.equal(check.reason, expected);
  }
});

test('on loopback cleartext works, with and without a login', async () => {
  const server = await startServer({ secure: false, authOptional: true, allowInsecureAuth: true });
  try {
    for (const login of [{}, { user: null, password: null }]) {
      const transport = openTransport(routeTo(server.port, { security: 'none', ...login }), options(PATIENT));
      const result = await transport.send(MESSAGE);
      await transport.close();
      assert.equal(result.end, 'accepted', JSON.stringify(result));
      assert.equal(result.tls, null);
    }
  } finally {
    await server.close();
  }
});

test('a check logs in, sends nothing, and shows what it saw', async () => {
  const server = await startServer({ size: 35_000_000 });
  const good = await checkSender(routeTo(server.port), options(PATIENT));
  assert.equal(good.ok, true, JSON.stringify(good));
  assert.equal(good.reason, 'accepted');
  assert.equal(good.sizeLimit, 35_000_000);
  assert.ok(good.capabilities.includes('PIPELINING'), good.capabilities.join());
  assert.equal(good.tls?.certificateIssuer, 'Todoku test authority');
  assert.ok((good.tls?.certificateExpires ?? 0) > Date.now());
  const bad = await checkSender(routeTo(server.port, { password: 'another secret' }), options(PATIENT));
  assert.equal(bad.ok, false);
  assert.equal(bad.reason, 'wrong-password');
  assert.equal(bad.reply, '535 5.7.8 Username and Password not accepted');
  assert.doesNotMatch(JSON.stringify(bad), /another secret/);
  assert.equal(bad.tls?.certificateIssuer, 'Todoku test authority');
  await server.close();
  assert.equal(server.received.length, 0);
  const gone = await checkSender(routeTo(server.port), options(PATIENT));
  assert.equal(gone.reason, 'connection-refused');
});

test('a login that fails says why', async () => {
  const cases: { reply: string; reason: string; act: string }[] = [
    {
      reply:
        '535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials a1',
      reason: 'wrong-password',
      act: 'fix-credentials',
    },
    {
      reply:
        '534-5.7.9 Application-specific password required.\r\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor a1',
      reason: 'app-password-needed',
      act: 'fix-credentials',
    },
    {
      reply: '454 4.7.0 Too many login attempts, please try again later. a1',
      reason: 'rate-limited',
      act: 'pause-sender',
    },
    { reply: '454 4.7.0 Temporary authentication failure', reason: 'login-unavailable', act: 'pause-sender' },
    { reply: '421 4.7.0 Try again later, closing connection.', reason: 'login-unavailable', act: 'pause-sender' },
  ];
  for (const { reply, reason, act } of cases) {
    const script = await startScript(usual({ AUTH: `${reply}\r\n` }), { secure: true });
    const transport = openTransport(routeTo(script.port), options(PATIENT));
    const result = await transport.send(MESSAGE);
    await transport.close();
    await script.close();
    assert.deepEqual([result.end, result.reason, result.act], ['deferred', reason, act], reply);
    assert.doesNotMatch(script.heard(), /MAIL FROM/);
  }
});

test('a server without a login we know', async () => {
  for (const ehlo of ['250 script\r\n', '250-script\r\n250 AUTH XOAUTH2 OAUTHBEARER\r\n']) {
    const script = await startScript(usual({ EHLO: ehlo }), { secure: true });
    const check = await checkSender(routeTo(script.port), options(PATIENT));
    await script.close();
    assert.equal(check.reason, 'login-not-offered');
    assert.doesNotMatch(script.heard(), /AUTH/);
  }
});

test('AUTH LOGIN and a server that repeats our password: no secret in the evidence', async () => {
  const secret = Buffer.from('secret pass').toString('base64');
  let step = 0;
  const script = await startScript(
    (line, socket, say, count) => {
      if (line.startsWith('EHLO')) say('250-script\r\n250 AUTH LOGIN\r\n');
      else if (line === 'AUTH LOGIN') say('334 VXNlcm5hbWU6\r\n');
      else if (line === Buffer.from('user').toString('base64')) say('334 UGFzc3dvcmQ6\r\n');
      else if (line === secret)
        say(step++ === 0 ? `535 5.7.8 no: secret pass, ${secret}, secret%20pass\r\n` : '235 2.7.0 fine\r\n');
      else usual()(line, socket, say, count);
    },
    { secure: true },
  );
  const transport = openTransport(routeTo(script.port), options(PATIENT));
  const refused = await transport.send(MESSAGE);
  const taken = await transport.send(MESSAGE);
  await transport.close();
  await script.close();
  assert.equal(refused.reason, 'wrong-password');
  assert.equal(taken.end, 'accepted');
  for (const text of [JSON.stringify(refused), JSON.stringify(taken)]) {
    assert.ok(!text.includes('secret pass') && !text.includes(secret) && !text.includes('secret%20pass'), text);
    assert.ok(!text.includes(Buffer.from('user').toString('base64')));
  }
  assert.match(refused.reply ?? '', /no: \*\*\*, \*\*\*, \*\*\*/);
});

test('a kept connection that the server closed is replaced, not reported', async () => {
  const script = await startScript(
    (line, socket, say, count) => {
      // The first connection serves one message; then it hangs up as soon as another is begun.
      if (count === 1 && line.startsWith('MAIL') && script.heard().split('MAIL FROM').length > 2) socket.destroy();
      else usual()(line, socket, say, count);
    },
    { secure: true },
  );
  const transport = openTransport(routeTo(script.port), options(PATIENT, { maxConnections: 1 }));
  const first = await transport.send(MESSAGE);
  const second = await transport.send(MESSAGE);
  await transport.close();
  await script.close();
  assert.equal(first.end, 'accepted');
  assert.equal(second.end, 'accepted', JSON.stringify(second));
  assert.equal(script.connections(), 2);
});

test('a dot on a line of its own, in any line ends, stays inside its message', async () => {
  const server = await startServer();
  const transport = openTransport(routeTo(server.port), options(PATIENT, { maxConnections: 1 }));
  try {
    for (const end of ['\r\n', '\n', '\r', '\n\r', '\r\n\0']) {
      const smuggled = ['a', '.', 'MAIL FROM:<x@y.test>', 'RCPT TO:<z@y.test>', 'DATA', 'Subject: two', ''].join(end);
      const result = await transport.send({ ...MESSAGE, raw: Buffer.from(`Subject: one\r\n\r\n${smuggled}`) });
      assert.equal(result.end, 'accepted', JSON.stringify(end));
    }
    assert.equal(server.received.length, 5);
    for (const { to, raw } of server.received) {
      assert.deepEqual(to, ['inbox@gmail.test']);
      assert.match(raw.toString(), /Subject: two/);
      assert.doesNotMatch(raw.toString('latin1'), /(?<!\r)\n|\r(?!\n)/, 'no bare CR or LF leaves');
    }
  } finally {
    await transport.close();
    await server.close();
  }
});

test('a message larger than the server takes is not begun, and neither is one to no address', async () => {
  const script = await startScript(usual({ EHLO: '250-script\r\n250-AUTH PLAIN\r\n250 SIZE 100\r\n' }), {
    secure: true,
  });
  const transport = openTransport(routeTo(script.port), options(PATIENT));
  const large = await transport.send({ ...MESSAGE, raw: Buffer.alloc(101, 97) });
  assert.deepEqual([large.end, large.reason, large.act], ['rejected', 'too-large', 'go-on']);
  for (const to of ['', 'nobody', 'a@b\r\nRCPT TO:<c@d>', 'a@b> NOTIFY=NEVER', 'a b@c', 'a@b\0']) {
    const result = await transport.send({ raw: Buffer.from('x\r\n'), envelope: { from: 'me@good.test', to } });
    assert.equal(result.end, 'rejected', JSON.stringify(to));
  }
  await transport.close();
  await script.close();
  assert.doesNotMatch(script.heard(), /MAIL FROM/);
});

test('closing lets what is under way end, and lets nothing new in', async () => {
  const gate = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const server = await startServer({
    onData: (stream, _session, done) => {
      stream.resume();
      began.resolve();
      void gate.promise.then(() => done(null, '2.0.0 late but fine'));
    },
  });
  const transport = openTransport(routeTo(server.port), options(PATIENT, { maxConnections: 1 }));
  const started = transport.send(MESSAGE);
  const waiting = transport.send(MESSAGE);
  await began.promise;
  const closed = transport.close();
  const after = transport.send(MESSAGE);
  gate.resolve();
  assert.equal((await started).end, 'accepted');
  assert.deepEqual([(await waiting).end, (await waiting).reason], ['deferred', 'connection-lost']);
  assert.equal((await after).end, 'deferred');
  await closed;
  await server.close();
});

test('a server that is slow to reply keeps its connection, and after a while not the queue', async () => {
  const gate = Promise.withResolvers<void>();
  const taken: string[] = [];
  const server = await startServer({
    onData: (stream, session, done) => {
      const to = session.envelope.rcptTo[0]?.address ?? '';
      stream.resume().on('end', () => {
        taken.push(to);
        if (to.startsWith('slow')) void gate.promise.then(() => done(null, '2.0.0 at last'));
        else done(null, '2.0.0 OK');
      });
    },
  });
  const transport = openTransport(
    routeTo(server.port),
    options({ ...PATIENT, aside: 100 }, { maxConnections: 1, maxAside: 2 }),
  );
  const told: string[] = [];
  const send = (to: string) =>
    transport.send(
      { ...MESSAGE, envelope: { from: 'me@good.test', to } },
      { handedOver: () => told.push(`${to} handed over`), aside: () => told.push(`${to} aside`) },
    );
  const slow = [send('slow1@gmail.test'), send('slow2@gmail.test')];
  assert.equal((await send('quick1@gmail.test')).end, 'accepted');
  const third = send('slow3@gmail.test');
  const last = send('quick2@gmail.test');
  // Two stand aside; the third has to be waited for.
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.deepEqual(taken, ['slow1@gmail.test', 'slow2@gmail.test', 'quick1@gmail.test', 'slow3@gmail.test']);
  gate.resolve();
  for (const one of [...slow, third, last]) assert.equal((await one).end, 'accepted');
  assert.deepEqual(told, [
    'slow1@gmail.test handed over',
    'slow1@gmail.test aside',
    'slow2@gmail.test handed over',
    'slow2@gmail.test aside',
    'quick1@gmail.test handed over',
    'slow3@gmail.test handed over',
    'quick2@gmail.test handed over',
  ]);
  await transport.close();
  await server.close();
});
