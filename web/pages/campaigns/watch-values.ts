/** How a copy is to be recognised, as the form holds it and as the server takes it. */
import type { RecogniseJson } from '../../../server/api/json/campaigns.ts';

/** What large sending systems set by themselves. */
export const HEADERS = [
  'X-Campaign-ID',
  'X-Mailjet-Campaign',
  'X-job',
  'X-MailingID',
  'Feedback-ID',
  'List-ID',
] as const;

export type WatchValues = {
  name: string;
  by: RecogniseJson['by'];
  /** One of HEADERS; empty: `headerName`. */
  header: string;
  headerName: string;
  value: string;
  from: string;
  subject: string;
};

export function recogniseOf({ by, header, headerName, value, from, subject }: WatchValues): RecogniseJson {
  switch (by) {
    case 'token':
      return { by };
    case 'header':
      return { by, name: header || headerName.trim(), value: value.trim() };
    case 'from':
      return { by, from: from.trim(), ...(subject.trim() === '' ? {} : { subject: subject.trim() }) };
  }
}

export function watchFaults(values: WatchValues): Partial<Record<keyof WatchValues, 'needed' | 'header' | 'sender'>> {
  const faults: Partial<Record<keyof WatchValues, 'needed' | 'header' | 'sender'>> = {};
  if (values.name.trim() === '') faults.name = 'needed';
  if (values.by === 'header') {
    if (values.header === '' && !/^[A-Za-z0-9][A-Za-z0-9-]{0,76}$/.test(values.headerName.trim()))
      faults.headerName = values.headerName.trim() === '' ? 'needed' : 'header';
    if (values.value.trim() === '') faults.value = 'needed';
  }
  if (values.by === 'from' && !/^[^\s@]*@?[^\s@]+\.[^\s@]+$/.test(values.from.trim()))
    faults.from = values.from.trim() === '' ? 'needed' : 'sender';
  return faults;
}
