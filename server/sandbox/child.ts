/**
 * The sandbox in a process of its own, so that the program under test can be killed and started again while the world around it goes
 * on, and so that its work does not count as the program's in a measurement.
 *
 *   node server/sandbox/child.ts [--accepted FILE] [--folder DIR] [--submission-port N] [--submission-starttls-port N] [--end-with-input] [--verbose]
 *
 * Prints one line of JSON when all servers listen (SandboxFacts). Each mail that a provider takes is added to FILE as
 * `{"messageId":…,"recipient":…,"at":…}`, one line each. On standard input it takes requests, a line of JSON each
 * (`{"id":1,"call":"stats","arguments":["inbox@gmail.test"]}`) and answers with `{"id":1,"value":…}` or `{"id":1,"error":…}`; bytes
 * travel as base64. It ends with SIGTERM or SIGINT, and only if told so when its input ends (that is: when its parent is gone).
 * server/sandbox/process.ts speaks this.
 */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { SandboxFacts } from './process.ts';
import { startSandbox } from './sandbox.ts';

const { values } = parseArgs({
  options: {
    accepted: { type: 'string' },
    folder: { type: 'string' },
    'submission-port': { type: 'string' },
    'submission-starttls-port': { type: 'string' },
    'end-with-input': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

const { accepted: acceptedFile } = values;
const sandbox = await startSandbox({
  ...(values.folder === undefined ? {} : { folder: values.folder }),
  submissionPort: Number(values['submission-port'] ?? 0),
  submissionStarttlsPort: Number(values['submission-starttls-port'] ?? 0),
  log: values.verbose ? (line) => process.stderr.write(`${line}\n`) : () => undefined,
  onAccepted(messageId, recipient) {
    if (acceptedFile !== undefined)
      appendFileSync(acceptedFile, `${JSON.stringify({ messageId, recipient, at: Date.now() })}\n`);
  },
});

const facts: SandboxFacts = {
  pid: process.pid,
  dnsServer: sandbox.dnsServer,
  caFile: sandbox.caFile,
  submission: sandbox.submission,
  badTls: sandbox.badTls,
  ports: sandbox.ports,
  senders: ['good.test', 'no-dmarc.test', 'broken-spf.test', 'weak-key.test', 'spoofed.test'].map((domain) =>
    sandbox.sender(domain),
  ),
  seeds: ['gmail.test', 'outlook.test', 'yahoo.test', 'yahoo-japan.test', 'plain.test'].flatMap((domain) => [
    sandbox.seed(`inbox@${domain}`, 'imap'),
    sandbox.seed(`inbox@${domain}`, 'pop3'),
  ]),
};
process.stdout.write(`${JSON.stringify(facts)}\n`);

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  sandbox.stop().then(() => process.exit(0));
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);

const requests = createInterface({ input: process.stdin });
if (values['end-with-input']) requests.on('close', stop);
requests.on('line', (line) => {
  const { id, call, arguments: given } = JSON.parse(line) as { id: number; call: string; arguments: string[] };
  let answer: { id: number; value?: unknown; error?: string };
  try {
    answer = { id, value: run(call, given) ?? null };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});

function run(call: string, given: string[]): unknown {
  const [address = '', second, third] = given;
  switch (call) {
    case 'sender':
      return sandbox.sender(address, second === 'starttls' ? 'starttls' : 'tls');
    case 'seed':
      return sandbox.seed(address, second === 'pop3' ? 'pop3' : 'imap', third === 'starttls' ? 'starttls' : 'tls');
    case 'deliver':
      return sandbox.deliver(address, Buffer.from(second ?? '', 'base64'), third);
    case 'renumber':
      return sandbox.renumber(address);
    case 'stats':
      return sandbox.stats(address);
    case 'setFate':
      return sandbox.setFate(address, second ?? null);
    case 'accepted':
      return [...sandbox.accepted];
    case 'folders':
      return [...sandbox.folders(address)].map(([path, messages]) => [
        path,
        messages.map(({ raw, flags, internalDate }) => ({
          raw: raw.toString('base64'),
          flags: [...flags],
          internalDate,
        })),
      ]);
    default:
      throw new Error(`unknown call ${call}`);
  }
}
