/** Reads DMARC aggregate reports beside the main thread: a large one takes seconds, a hostile one as long as it is let. */
import { AppError } from '../errors.ts';
import { createThreads } from '../threads.ts';
import { REPORT_LIMITS, type ReportReading } from './dmarc-report.ts';

export type DmarcReport = Extract<ReportReading, { problem: null }>;

const TIMEOUT_MS = 30_000;

/**
 * @param file as the receiver sent it: XML, gzip or ZIP
 * @param about the domain whose selectors are wanted
 * @throws AppError `invalid` with one sentence that says what is wrong
 */
export async function readDmarcReport(file: Buffer, about: string): Promise<DmarcReport> {
  // Few are ever read: the thread goes with the report.
  const threads = createThreads<{ file: Uint8Array; about: string }, ReportReading>({
    file: new URL('./dmarc-report-worker.ts', import.meta.url),
    name: 'readReport',
    threads: 1,
    timeoutMs: TIMEOUT_MS,
  });
  try {
    const done = await threads.run({ file, about });
    if (!('answer' in done)) throw refusal('This report took too long to read, or too much memory.', done.failed);
    const reading = done.answer;
    if (reading.problem === null) return reading;
    throw refusal(sentence(reading.problem, reading.detail, about), reading.problem);
  } finally {
    await threads.close();
  }
}

function refusal(detail: string, reason: string): AppError {
  return new AppError('invalid', detail, { reason });
}

function sentence(problem: Exclude<ReportReading['problem'], null>, detail: string, about: string): string {
  switch (problem) {
    case 'too-large':
      return `This report is larger than ${REPORT_LIMITS.file / 1_000_000} MB, or than ${REPORT_LIMITS.xml / 1_000_000} MB unpacked.`;
    case 'archive-broken':
      return 'This archive cannot be unpacked: send the file as it was attached to the mail.';
    case 'not-xml':
      return `This file is no XML (line ${detail}): send the file as it was attached to the mail.`;
    case 'not-a-report':
      return 'This file is no DMARC aggregate report: it names no domain or no period.';
    case 'other-domain':
      return `This report is about ${detail}, not about ${about}.`;
  }
}
