/** Why something of a probe cannot be shown: the mail was never taken, came back, or is not found yet. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';

export function Absence({ probe }: { probe: ProbeDetailsJson }) {
  const { t } = useTranslation();
  const { outcome, nextSendAt } = probe;
  const refused = outcome === 'rejected' || (outcome === 'deferred' && nextSendAt === null);
  return (
    <Text c="dimmed">
      {t(refused ? 'probe.notTaken' : outcome === 'bounced' ? 'probe.cameBack' : 'probe.nothingYet')}
    </Text>
  );
}
