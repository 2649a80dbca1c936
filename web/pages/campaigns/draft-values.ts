/** A draft as its form holds it, and as the server takes it. */
import type { DraftJson } from '../../../server/api/json/campaigns.ts';
import { isAddress } from '../../components/form.ts';

export type DraftValues = {
  from: string;
  fromName: string;
  replyTo: string;
  subject: string;
  html: string;
  text: string;
  listUnsubscribe: string;
};

export const EMPTY_DRAFT: DraftValues = {
  from: '',
  fromName: '',
  replyTo: '',
  subject: '',
  html: '',
  text: '',
  listUnsubscribe: '',
};

export function valuesOf(draft: DraftJson | null): DraftValues {
  if (draft === null) return EMPTY_DRAFT;
  const given = Object.entries(draft).filter(([, value]) => typeof value === 'string');
  return { ...EMPTY_DRAFT, ...Object.fromEntries(given) };
}

/** What is empty is left out. */
export function draftOf(values: DraftValues): DraftJson {
  const { from, subject, ...rest } = values;
  const given = Object.entries(rest)
    .map(([key, value]) => [key, key === 'html' || key === 'text' ? value : value.trim()] as const)
    .filter(([, value]) => value.trim() !== '');
  return { from: from.trim(), subject: subject.trim(), ...Object.fromEntries(given) };
}

export type DraftFault = 'needed' | 'address' | 'https' | 'text';

/** By field; nothing where all can be sent. */
export function draftFaults(values: DraftValues): Partial<Record<keyof DraftValues, DraftFault>> {
  const faults: Partial<Record<keyof DraftValues, DraftFault>> = {};
  if (values.from.trim() === '') faults.from = 'needed';
  else if (!isAddress(values.from)) faults.from = 'address';
  if (values.replyTo.trim() !== '' && !isAddress(values.replyTo)) faults.replyTo = 'address';
  if (values.subject.trim() === '') faults.subject = 'needed';
  if (values.html.trim() === '' && values.text.trim() === '') faults.html = 'text';
  const unsubscribe = values.listUnsubscribe.trim();
  if (unsubscribe !== '' && URL.parse(unsubscribe)?.protocol !== 'https:') faults.listUnsubscribe = 'https';
  return faults;
}

/** The address as far as it is typed, or one that stands for it: a preview needs no real sender. */
export function previewable(values: DraftValues): DraftJson {
  const draft = draftOf(values);
  return {
    from: isAddress(values.from) ? draft.from : 'draft@example.com',
    subject: draft.subject ?? '',
    ...(draft.html === undefined ? {} : { html: draft.html }),
    ...(draft.text === undefined ? {} : { text: draft.text }),
  };
}
