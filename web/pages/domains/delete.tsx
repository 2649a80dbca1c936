/** Before a domain is no longer watched: what goes with it. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { DomainJson } from '../../../server/api/json/domains.ts';
import { api } from '../../api.ts';
import { ConfirmDelete } from '../../components/confirm.tsx';
import { shownName } from './name.ts';

type Props = { domain: DomainJson | null; onClose: () => void; onDeleted?: () => Promise<unknown> };

export function DeleteDomain({ domain, onClose, onDeleted }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { name } = shownName(domain?.name ?? '');
  return (
    <ConfirmDelete
      opened={domain !== null}
      title={t('domain.delete', { name })}
      name={name}
      destroys={[t('domain.destroys'), t('domain.keeps')]}
      action={t('action.delete')}
      onClose={onClose}
      onConfirm={async () => {
        if (domain) await api.domains.remove(domain.id);
        await onDeleted?.();
        await client.invalidateQueries({ queryKey: ['domains'], exact: onDeleted !== undefined });
      }}
    />
  );
}
