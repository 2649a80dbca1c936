/** The thread in which a stranger's report is unpacked and parsed. Whatever it does there to time and memory, it does to this thread alone. */
import { type ReportReading, readAggregateReport } from './dmarc-report.ts';

/** Called by piscina by its name. */
export function readReport({ file, about }: { file: Uint8Array; about: string }): ReportReading {
  return readAggregateReport(Buffer.from(file.buffer, file.byteOffset, file.byteLength), about);
}
