/** What the verdict goes by; and where the campaign asks for something else by now, the way to be judged by that. */
import { Anchor, Button, Text } from '@mantine/core';
import { IconGavel } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AuditJson } from '../../../server/api/json/audits.ts';
import { campaignApi } from '../../campaign-api.ts';
import { Problem } from '../../components/page.tsx';
import type { Policy } from '../campaigns/policy-values.ts';
import { PolicyWords } from '../campaigns/policy-words.tsx';

export function JudgedBy({ audit, policy }: { audit: AuditJson; policy: Policy }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const judge = useMutation({
    mutationFn: () => campaignApi.audits.judge(audit.id),
    onSuccess: async (judged) => {
      client.setQueryData(['audits', audit.id], judged);
      await client.invalidateQueries({ queryKey: ['campaigns'] });
    },
  });
  const isOver = audit.state === 'done';
  return (
    <div className="judged-by">
      <Text size="sm" fw={600}>
        {t('audit.policy')}
      </Text>
      <PolicyWords policy={policy} />
      {audit.policyChanged && isOver ? (
        <div className="judge-anew">
          <Text size="sm">{t('audit.policyChanged')}</Text>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconGavel size={16} aria-hidden />}
            loading={judge.isPending}
            onClick={() => judge.mutate()}
          >
            {t('audit.judge')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('audit.judgeHint')}
          </Text>
        </div>
      ) : (
        <Anchor component={Link} to={`/campaigns/${audit.campaignId}`} hash="policy" size="xs">
          {t('audit.toPolicy')}
        </Anchor>
      )}
      {judge.error && <Problem error={judge.error} />}
    </div>
  );
}
