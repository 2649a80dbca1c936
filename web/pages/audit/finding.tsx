/** One finding: what it means, what to do, what to put in place, and the place in the mail it is about. */
import { Button, Group } from '@mantine/core';
import { IconCircleCheck, IconCode, IconEye } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CampaignFindingJson } from '../../../server/api/json/audits.ts';
import { Copy } from '../../components/copy.tsx';
import { Finding } from '../../components/finding.tsx';
import { Fix } from '../../components/fix.tsx';
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

export function CampaignFinding({ found, words, onSource, onPreview }: Props) {
  const { t } = useTranslation();
  const { finding, number, anchor, mendedBy, ignored } = found;
  const said = words.finding(finding);
  const { title } = said;
  return (
    <Finding
      words={said}
      severity={finding.severity}
      number={number}
      anchor={anchor}
      note={
        <span className="finding-since">
          {words.check(finding.check)}
          {ignored && ` · ${t('audit.ignored')}`}
        </span>
      }
      place={<Excerpt found={found} />}
      toDo={t('audit.todo')}
    >
      {mendedBy !== null ? (
        <p className="finding-mended">
          <IconCircleCheck size={16} aria-hidden /> <a href={`#${mendedBy}`}>{t('audit.mendedAbove')}</a>
        </p>
      ) : (
        finding.fix && <CampaignFix fix={finding.fix} />
      )}
      {(onSource || onPreview) && (
        <Group gap="xs" mt="xs">
          {onSource && (
            <Pointer icon={IconCode} label={t('audit.inSourceOf', { title })} onClick={onSource}>
              {t('audit.inSource')}
            </Pointer>
          )}
          {onPreview && (
            <Pointer icon={IconEye} label={t('audit.inPreviewOf', { title })} onClick={onPreview}>
              {t('audit.inPreview')}
            </Pointer>
          )}
        </Group>
      )}
    </Finding>
  );
}

/** Leads to the place in the mail. @param label which one: many stand on a page */
function Pointer(props: { icon: typeof IconCode; label: string; onClick: () => void; children: string }) {
  const { icon: Sign, label, onClick, children } = props;
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      leftSection={<Sign size={15} aria-hidden />}
      aria-label={label}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}

function CampaignFix({ fix }: { fix: NonNullable<CampaignFindingJson['fix']> }) {
  const { t } = useTranslation();
  if (!('header' in fix)) return <Fix fix={fix as Parameters<typeof Fix>[0]['fix']} instead={false} />;
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
