/** A policy from a file: read here, judged by the server, which knows what may stand in one. A bad file is refused in one sentence that names the field. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api.ts';
import { campaignApi } from '../../campaign-api.ts';
import { fieldOf, type Policy } from './policy-values.ts';

/** No policy has more: two hundred ids and some numbers. */
const LARGEST_BYTES = 100_000;

type PolicyFile = {
  read: (file: File) => Promise<void>;
  busy: boolean;
  /** Of the file that was read. */
  name: string | null;
  /** Why it cannot be used, as a sentence. */
  refused: string | null;
  /** The server did not answer. */
  error: unknown;
};
type Told = Pick<PolicyFile, 'name' | 'refused' | 'error'>;

const NOTHING: Told = { name: null, refused: null, error: null };

export function usePolicyFile(onRead: (policy: Policy) => void): PolicyFile {
  const { t } = useTranslation();
  const [told, setTold] = useState(NOTHING);
  const [busy, setBusy] = useState(false);
  const take = async (file: File): Promise<Told> => {
    const refuse = (refused: string): Told => ({ ...NOTHING, refused });
    if (file.size > LARGEST_BYTES) return refuse(t('policy.file.large', { name: file.name }));
    let content: unknown;
    try {
      content = JSON.parse(await file.text());
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return refuse(t('policy.file.noJson', { name: file.name }));
    }
    try {
      onRead((await campaignApi.policies.check(content)).policy);
      return { ...NOTHING, name: file.name };
    } catch (error) {
      const path = error instanceof ApiError && error.code === 'invalid' ? error.fields[0]?.path : undefined;
      if (path === undefined) return { ...NOTHING, error };
      if (path === '') return refuse(t('policy.file.noPolicy', { name: file.name }));
      const field = fieldOf(path);
      const why =
        field === null ? t('policy.file.unknown', { field: path }) : t(`policy.file.${field}`, { field: path });
      return refuse(t('policy.file.cannot', { name: file.name, why }));
    }
  };
  return {
    ...told,
    busy,
    read: async (file) => {
      setBusy(true);
      // It may be gone from its disk by now.
      setTold(await take(file).catch((error: unknown) => ({ ...NOTHING, error })));
      setBusy(false);
    },
  };
}
