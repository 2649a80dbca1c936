/** Before a campaign goes: what goes with it. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { CampaignItemJson } from '../../../server/api/json/campaigns.ts';
import { campaignApi } from '../../campaign-api.ts';
import { ConfirmDelete } from '../../components/confirm.tsx';

type Props = {
  campaign: Pick<CampaignItemJson, 'id' | 'name' | 'auditCount'> | null;
  onClose: () => void;
  onDeleted?: () => void;
};

export function DeleteCampaign({ campaign, onClose, onDeleted }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const name = campaign?.name.trim().replace(/\s+/g, ' ') ?? '';
  return (
    <ConfirmDelete
      opened={campaign !== null}
      title={t('campaign.delete', { name })}
      // Subjects are long, and full of signs that no keyboard has.
      name={t('campaign.deleteWord')}
      destroys={[
        t('campaign.destroysMail'),
        t('campaign.destroysAudits', { count: campaign?.auditCount ?? 0 }),
        t('campaign.destroysLinks'),
      ]}
      action={t('action.delete')}
      onClose={onClose}
      onConfirm={async () => {
        if (!campaign) return;
        await campaignApi.campaigns.remove(campaign.id);
        onDeleted?.();
        await client.invalidateQueries({ queryKey: ['campaigns'] });
      }}
    />
  );
}
