/** One finding: what it means, what to do, what to put in place, and the place in the mail it is about. */
import { Button, Group } from '@mantine/core';
import { IconCode, IconEye } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CampaignFindingJson } from '../../../server/api/json/audits.ts';
import { Copy } from '../../components/copy.tsx';
import { Fix as RecordFix } from '../domains/fix.tsx';
import { StandingBadge } from '../domains/state.tsx';
import { Excerpt } from './excerpt.tsx';
import type { Found } from './found.ts';
import type { CampaignWords } from './words.ts';

type Props = {
  found: Found;
  words: CampaignWords;
  /** Shows the place in the whole source, or in the preview; null where it has none there. */
  onSource: (() => void) | null;
  onPreview: (() => void) | null;
};

export function Finding({ found, words, onSource, onPreview }: Props) {
  const { t } = useTranslation();
  const { finding, number, anchor, ignored } = found;
  const { title, meaning, todo } = words.finding(finding);
  return (
    <article className="finding" id={anchor} aria-label={title}>
      <h3 className="finding-head">
        <span>
          {number !== null && <span className="mark-number">{number}</span>}
          {title}
        </span>
        <StandingBadge standing={finding.severity} />
        <span className="finding-since">
          {words.check(finding.check)}
          {ignored && ` · ${t('audit.ignored')}`}
        </span>
      </h3>
      <p>{meaning}</p>
      <Excerpt found={found} />
      <p>
        <strong>{t('audit.todo')}</strong> {todo}
      </p>
      {finding.fix && <Fix fix={finding.fix} />}
      {(onSource || onPreview) && (
        <Group gap="xs" mt="xs">
          {onSource && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconCode size={15} aria-hidden />}
              aria-label={t('audit.inSourceOf', { title })}
              onClick={onSource}
            >
              {t('audit.inSource')}
            </Button>
          )}
          {onPreview && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconEye size={15} aria-hidden />}
              aria-label={t('audit.inPreviewOf', { title })}
              onClick={onPreview}
            >
              {t('audit.inPreview')}
            </Button>
          )}
        </Group>
      )}
    </article>
  );
}

function Fix({ fix }: { fix: NonNullable<CampaignFindingJson['fix']> }) {
  const { t } = useTranslation();
  if (!('header' in fix)) return <RecordFix fix={fix as Parameters<typeof RecordFix>[0]['fix']} instead={false} />;
  const text = `${fix.header}: ${fix.value}`;
  return (
    <div className="fix">
      <p className="fix-title">{t('audit.putHeader')}</p>
      <div className="fix-header">
        <code className="mono" translate="no">
          {text}
        </code>
        <Copy text={text} label={t('audit.copyHeader', { name: fix.header })} />
      </div>
    </div>
  );
}
