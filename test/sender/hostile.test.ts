/**
 * Servers that hang, break, flood and lie. Every sending ends with a typed reason; whether the message may have been taken is never guessed: before
 * its first byte `deferred`, after it `ambiguous`.
 */
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { openTransport } from '../../server/sender/smtp.ts';
import type { SendResult } from '../../server/sender/types.ts';
import { MESSAGE, options, PATIENT, type Play, routeTo, type Script, startScript, usual } from './servers.ts';

type Way = 'FIN' | 'RST' | 'silence' | 'half a reply' | 'garbage' | 'endless line' | 'endless reply' | 'empty lines';
const WAYS: Way[] = [
  'FIN',
  'RST',
  'silence',
  'half a reply',
  'garbage',
  'endless line',
  'endless reply',
  'empty lines',
];

function misbehave(way: Way, socket: net.Socket, say: (text: string) => void): void {
  const pour = (text: string): void => {
    // Goes on for as long as somebody listens.
    const more = (): void => {
      while (socket.writable && socket.write(text));
    };
    socket.on('drain', more);
    more();
  };
  if (way === 'FIN') socket.end();
  else if (way === 'RST') {
    if ('resetAndDestroy' in socket && !('encrypted' in socket)) socket.resetAndDestroy();
    else socket.destroy();
  } else if (way === 'half a reply') {
    socket.write('25');
    socket.end();
  } else if (way === 'garbage') say('HTTP/1.1 400 Bad Request\r\n');
  else if (way === 'endless line') pour('2'.repeat(16_384));
  else if (way === 'endless reply') pour('250-and on it goes\r\n'.repeat(800));
  else if (way === 'empty lines') pour('\r\n'.repeat(8_000));
}

/** Plays well until `verb`, then misbehaves. */
function until(verb: string, way: Way): Play {
  return (line, socket, say, count) => {
    const said = line.endsWith('\r\n.') ? 'dot' : (line.split(/[ :]/)[0] ?? '');
    if (said === verb) misbehave(way, socket, say);
    else usual()(line, socket, say, count);
  };
}

async function sendTo(script: Script, secure: boolean): Promise<SendResult> {
  const transport = openTransport(
    routeTo(script.port, secure ? {} : { security: 'none' }),
    options({ greeting: 300, ehlo: 300, auth: 300, command: 300, dot: 300 }),
  );
  try {
    return await transport.send(MESSAGE);
  } finally {
    await transport.close();
    await script.close();
  }
}

for (const secure of [true, false]) {
  test(`breaking before the message is handed over defers it (${secure ? 'TLS' : 'clear'})`, async () => {
    await Promise.all(
      ['EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA'].flatMap((verb) =>
        WAYS.map(async (way) => {
          const script = await startScript(until(verb, way), { secure });
          const result = await sendTo(script, secure);
          const what = `${verb} ${way}: ${result.reason} ${JSON.stringify(result.dialogue).slice(0, 500)}`;
          assert.equal(result.end, 'deferred', what);
          assert.ok(['connection-lost', 'timeout', 'protocol-error'].includes(result.reason), what);
          assert.equal(result.act, 'retry', what);
          assert.doesNotMatch(script.heard(), /hello/, 'nothing of the message left');
          assert.equal(script.connections(), 1, what);
        }),
      ),
    );
  });

  test(`breaking after the dot is ambiguous and never repeated (${secure ? 'TLS' : 'clear'})`, async () => {
    await Promise.all(
      WAYS.map(async (way) => {
        const script = await startScript(until('dot', way), { secure });
        const result = await sendTo(script, secure);
        const what = `${way}: ${JSON.stringify(result)}`.slice(0, 500);
        assert.equal(result.end, 'ambiguous', what);
        assert.ok(['connection-lost-after-data', 'protocol-error'].includes(result.reason), what);
        assert.equal(result.act, 'go-on', what);
        assert.equal(script.heard().split('Subject: hello').length, 2, 'handed over once');
      }),
    );
  });
}

test('greetings', async () => {
  const cases: [greeting: string, end: string, reasons: string[]][] = [
    ['', 'deferred', ['timeout']],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'deferred', ['protocol-error']],
    ['554 5.7.1 go away, your IP is on a blocklist\r\n', 'deferred', ['refused-by-policy']],
    ['421 4.7.0 too many connections\r\n', 'deferred', ['rate-limited']],
    ['421 4.3.2 shutting down\r\n', 'deferred', ['retry-later']],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'deferred', ['timeout', 'protocol-error']],
    ['220-'.repeat(40_000), 'deferred', ['protocol-error', 'timeout']],
    [`220${'-x\r\n220'.repeat(60_000)}`, 'deferred', ['protocol-error']],
    ['\0'.repeat(1_000), 'deferred', ['timeout', 'protocol-error']],
    ['250 ok\r\n250 ok\r\n250 ok\r\n', 'deferred', ['protocol-error']],
  ];
  for (const [greeting, end, reasons] of cases) {
    const script = await startScript(usual(), { greeting });
    const result = await sendTo(script, false);
    const what = `${JSON.stringify(greeting.slice(0, 40))}: ${JSON.stringify(result).slice(0, 400)}`;
    assert.equal(result.end, end, what);
    assert.ok(reasons.includes(result.reason), what);
  }
});

test('a greeting that drips does not prolong its deadline', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    const drip = setInterval(() => socket.write('2'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const transport = openTransport(routeTo(port, { security: 'none' }), options());
  const result = await transport.send(MESSAGE);
  await transport.close();
  server.close();
  assert.deepEqual([result.end, result.reason], ['deferred', 'timeout']);
});

test('TLS spoken to a plain port, and a plain client to silence', async () => {
  const plain = await startScript(usual());
  const mixed = await sendTo(plain, true);
  assert.deepEqual([mixed.end, mixed.reason], ['deferred', 'tls-failed']);
  const silent = net.createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as net.AddressInfo;
  const transport = openTransport(routeTo(port), options({ connect: 150 }));
  const result = await transport.send(MESSAGE);
  await transport.close();
  silent.close();
  assert.deepEqual([result.end, result.reason], ['deferred', 'timeout'], 'a handshake nobody answers');
});

test('PIPELINING, every recipient refused, and 354 all the same', async () => {
  const ehlo = '250-script\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n';
  const rcpt = '550 5.1.1 no such user\r\n';
  for (const dot of ['', '250 2.0.0 taken by nobody\r\n', '554 5.5.1 no valid recipients\r\n']) {
    const script = await startScript((line, socket, say, count) => {
      if (line === '.') say(dot);
      else if (line === 'DATA') socket.write('354 go on\r\n');
      else usual({ EHLO: ehlo, RCPT: rcpt })(line, socket, say, count);
    });
    const result = await sendTo(script, false);
    assert.deepEqual([result.end, result.reason], ['rejected', 'no-such-user'], JSON.stringify(result));
    assert.doesNotMatch(script.heard(), /hello/);
  }
  const refusedMail = await startScript((line, socket, say, count) => {
    if (line === 'DATA') socket.write('354 go on\r\n');
    else usual({ EHLO: ehlo, MAIL: '550 5.7.1 not you\r\n' })(line, socket, say, count);
  });
  const result = await sendTo(refusedMail, false);
  assert.deepEqual([result.end, result.reason], ['rejected', 'refused-by-policy']);
});

test('a deferral and a refusal of the message itself are clear ends', async () => {
  const cases: [dot: string, end: string, reason: string][] = [
    ['451 4.3.0 later\r\n', 'deferred', 'retry-later'],
    ['421 4.7.28 unusual rate of mail\r\n', 'deferred', 'rate-limited'],
    ['550-5.7.26 This mail is unauthenticated,\r\n550 5.7.26 see help\r\n', 'rejected', 'refused-by-policy'],
    ['552 5.7.0 blocked because its content presents a potential security issue\r\n', 'rejected', 'refused-by-content'],
    ['550 5.4.5 Daily user sending limit exceeded\r\n', 'deferred', 'daily-limit'],
    ['354 what?\r\n', 'ambiguous', 'protocol-error'],
    ['2 sort of\r\n', 'ambiguous', 'protocol-error'],
    ['25\r\n', 'ambiguous', 'protocol-error'],
  ];
  for (const [dot, end, reason] of cases) {
    const script = await startScript(usual({ dot }));
    const result = await sendTo(script, false);
    assert.deepEqual([result.end, result.reason], [end, reason], dot);
  }
});

test('hostile words are kept short and harmless in form', async () => {
  const words = `<img src=x onerror=alert(1)>\x1b[31m\u2028${'x'.repeat(50_000)}`;
  const script = await startScript(usual({ dot: `250 2.0.0 ${words}\r\n` }));
  const result = await sendTo(script, false);
  assert.equal(result.end, 'accepted');
  assert.ok((result.reply ?? '').length <= 2_001);
  assert.ok(JSON.stringify(result.dialogue).length < 20_000);
  for (const { text } of result.dialogue) assert.doesNotMatch(text, /[^\P{Cc}\n]|\u2028/u);
});

test('replies nobody asked for', async () => {
  for (const extra of ['250 2.0.0 OK taken\r\n', '421 4.4.2 bye\r\n', '\r\n\r\n', 'what\r\n']) {
    for (const verb of ['EHLO', 'MAIL', 'RCPT', 'AUTH']) {
      const script = await startScript((line, socket, say, count) => {
        usual()(line, socket, say, count);
        if (line.startsWith(verb)) say(extra);
      });
      const result = await sendTo(script, false);
      // The stray line is taken for the answer to the next command, so it may even get through. What counts is that it ends, and that
      // nobody calls a message unsent that left.
      const left = script.heard().includes('hello');
      const fitting = left ? ['accepted', 'ambiguous'] : ['ambiguous', 'deferred', 'rejected'];
      assert.ok(fitting.includes(result.end), `${verb} ${JSON.stringify(extra)}: ${result.end} ${result.reason}`);
    }
  }
});

test('one hanging server does not hold the connections of another sender', async () => {
  const hanging = await startScript(until('MAIL', 'silence'));
  const healthy = await startScript(usual());
  const slow = openTransport(routeTo(hanging.port, { security: 'none' }), options(PATIENT));
  const fast = openTransport(routeTo(healthy.port, { security: 'none' }), options(PATIENT));
  const stuck = slow.send(MESSAGE);
  assert.equal((await fast.send(MESSAGE)).end, 'accepted');
  await fast.close();
  await slow.close(10);
  assert.equal((await stuck).end, 'deferred');
  await hanging.close();
  await healthy.close();
});

test('nothing is left open behind all this', async () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
  for (const way of WAYS) await sendTo(await startScript(until('dot', way)), false);
  await new Promise((resolve) => setImmediate(resolve));
  const after = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
  assert.ok(after <= before + 2, `${before} → ${after}`);
});
