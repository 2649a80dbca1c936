/** All that was found, the gravest first; what is only worth knowing is folded away. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../components/page.tsx';
import { StandingBadge } from '../../components/standing-badge.tsx';
import { CampaignFinding } from './finding.tsx';
import { bySeverity, type Found } from './found.ts';
import type { CampaignWords } from './words.ts';

type Props = {
  found: readonly Found[];
  words: CampaignWords;
  onSource: (found: Found) => (() => void) | null;
  onPreview: (found: Found) => (() => void) | null;
};

export function Findings({ found, words, onSource, onPreview }: Props) {
  const { t } = useTranslation();
  const groups = bySeverity(found);
  const wrong = groups.filter(({ severity }) => severity !== 'info');
  const known = groups.find(({ severity }) => severity === 'info')?.list ?? [];
  const one = (each: Found) => (
    <CampaignFinding
      key={each.anchor}
      found={each}
      words={words}
      onSource={onSource(each)}
      onPreview={onPreview(each)}
    />
  );
  return (
    <Panel
      title={t('audit.findings')}
      note={t('audit.findingsNote')}
      actions={
        <span className="severity-counts">
          {wrong.map(({ severity, list }) => (
            <span key={severity}>
              <StandingBadge standing={severity} /> {list.length}
            </span>
          ))}
        </span>
      }
    >
      {wrong.length === 0 && <Text>{t('audit.nothingWrong')}</Text>}
      {wrong.flatMap(({ list }) => list).map(one)}
      {known.length > 0 && (
        <details className="fact-more known-findings">
          <summary>{t('domain.finding.worthKnowing', { count: known.length })}</summary>
          {known.map(one)}
        </details>
      )}
    </Panel>
  );
}
