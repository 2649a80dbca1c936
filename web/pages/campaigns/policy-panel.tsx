/** What the next audit of a campaign is judged by, in words; to be changed, and taken away as the file that `todoku audit --policy` reads. */
import { Button, Text } from '@mantine/core';
import { IconDownload, IconPencil } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignJson } from '../../../server/api/json/campaigns.ts';
import { campaignApi } from '../../campaign-api.ts';
import { download } from '../../charts/download.ts';
import { notify } from '../../components/notices.tsx';
import { Panel } from '../../components/page.tsx';
import { PolicyEditor } from './policy-editor.tsx';
import { policyFileName } from './policy-values.ts';
import { PolicyWords } from './policy-words.tsx';

export function PolicyPanel({ campaign }: { campaign: CampaignJson }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const { id, name, source, policy, ownPolicy, audits } = campaign;
  return (
    <div id="policy">
      <Panel
        title={t('policy.title')}
        note={t(ownPolicy ? 'policy.isOwn' : source === 'draft' ? 'policy.isDraftDefault' : 'policy.isDefault')}
        actions={
          <div className="policy-actions">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
              aria-label={t('policy.edit')}
              onClick={() => setEditing(true)}
            >
              {t('action.edit')}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              onClick={() => download(policyFileName(name), `${JSON.stringify(policy, null, 2)}\n`, 'application/json')}
            >
              {t('policy.download')}
            </Button>
          </div>
        }
      >
        <PolicyWords policy={policy} />
        {audits.some(({ state }) => state === 'done') && (
          <Text size="xs" c="dimmed" mt="xs">
            {t('policy.keptBy')}
          </Text>
        )}
      </Panel>
      <PolicyEditor
        opened={editing}
        policy={policy}
        draft={source === 'draft'}
        onClose={() => setEditing(false)}
        onSave={async (next) => {
          client.setQueryData(['campaigns', id], await campaignApi.campaigns.change(id, { policy: next }));
          await client.invalidateQueries({ queryKey: ['audits'] });
          void notify(t('policy.saved'));
        }}
      />
    </div>
  );
}
