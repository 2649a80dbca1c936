/**
 * The mail's source with every place a finding points at, and the mail as its reader sees it. A finding shows its place in one or the other. Only lines near the places
 * are drawn at first: a newsletter has thousands.
 */
import { Alert, Anchor, Button, Select, Skeleton, Tabs, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SourcesJson } from '../../../server/api/json/audits.ts';
import { ApiError } from '../../api.ts';
import { base } from '../../base.ts';
import { campaignApi } from '../../campaign-api.ts';
import { FindingNumber } from '../../components/finding.tsx';
import { MailView } from '../../components/mail-view.tsx';
import { Panel, Problem } from '../../components/page.tsx';
import { useWords } from '../../words.ts';
import { Line } from './excerpt.tsx';
import { type Found, markedPreview } from './found.ts';
import { sourceLines } from './source-lines.ts';
import type { CampaignWords } from './words.ts';

/** Which finding is looked at, and where. */
export type Look = { tab: 'preview' | 'source'; found: Found | null };

type Props = {
  id: string;
  sources: SourcesJson | null;
  sourcesError: unknown;
  onRetry: () => void;
  found: readonly Found[];
  words: CampaignWords;
  look: Look;
  onLook: (look: Look) => void;
};

export function MailPanel({ id, sources, sourcesError, onRetry, found, words, look, onLook }: Props) {
  const { t } = useTranslation();
  const section = useRef<HTMLDivElement>(null);
  const { tab, found: pointed } = look;
  useEffect(() => {
    // Where it stands beside the findings it is in sight already.
    const top = section.current?.getBoundingClientRect().top ?? 0;
    if (pointed !== null && (top < 0 || top > window.innerHeight / 3)) section.current?.scrollIntoView();
  }, [pointed]);
  return (
    <div ref={section} className="mail-panel">
      <Panel title={t('audit.mail')} note={t('audit.mailNote')}>
        <Tabs
          value={tab}
          onChange={(next) => onLook({ tab: next === 'source' ? 'source' : 'preview', found: null })}
          keepMounted={false}
        >
          <Tabs.List>
            <Tabs.Tab value="preview">{t('preview.tab')}</Tabs.Tab>
            <Tabs.Tab value="source">{t('audit.source')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="preview" pt="sm">
            {pointed !== null && <Pointing found={pointed} words={words} onBack={() => onLook({ tab, found: null })} />}
            <AuditPreview id={id} sources={sources} pointed={pointed} />
          </Tabs.Panel>
          <Tabs.Panel value="source" pt="sm">
            {pointed !== null && <Pointing found={pointed} words={words} onBack={() => onLook({ tab, found: null })} />}
            {sources ? (
              <Source sources={sources} found={found} pointed={pointed} />
            ) : sourcesError ? (
              <NoMail error={sourcesError} onRetry={onRetry} />
            ) : (
              <Skeleton height={480} />
            )}
          </Tabs.Panel>
        </Tabs>
      </Panel>
    </div>
  );
}

function Pointing({ found, words, onBack }: { found: Found; words: CampaignWords; onBack: () => void }) {
  const { t } = useTranslation();
  return (
    <p className="pointing" role="status">
      {t('audit.pointing')}{' '}
      <a href={`#${found.anchor}`}>
        <FindingNumber number={found.number} />
        {words.finding(found.finding).title}
      </a>{' '}
      <Button size="compact-xs" variant="subtle" onClick={onBack}>
        {t('audit.pointingEnd')}
      </Button>
    </p>
  );
}

function AuditPreview({ id, sources, pointed }: { id: string; sources: SourcesJson | null; pointed: Found | null }) {
  const { t } = useTranslation();
  const explain = useWords();
  const { data, error, refetch } = useQuery({
    queryKey: ['previews', 'audit', id],
    queryFn: () => campaignApi.audits.preview(id),
    // A mail that was audited never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error && !data) return <NoMail error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={560} />;
  if (data.reason !== null) {
    const { title, meaning } = explain(data.reason, {}, 'previews');
    return (
      <Text>
        <strong>{title}</strong> {meaning}
      </Text>
    );
  }
  const marked = pointed && sources && data.html !== null ? markedPreview(data.html, pointed, sources) : null;
  return (
    <>
      {pointed !== null && marked === null && (
        <Text size="sm" c="dimmed" mb="xs">
          {t('audit.notInPreview')}
        </Text>
      )}
      <MailView preview={marked === null ? data : { ...data, html: marked }} />
    </>
  );
}

/** Thrown away, as the settings say, is no trouble: what was found in it stays. */
function NoMail({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  if (!(error instanceof ApiError) || error.detail.reason !== 'forgotten')
    return <Problem error={error} onRetry={onRetry} />;
  return (
    <Alert color="gray" icon={<IconHistory size={20} aria-hidden />}>
      <Text>{t('audit.forgotten')}</Text>
      {base === '' && (
        <Anchor component={Link} to="/settings" size="sm">
          {t('probe.forgottenLink')}
        </Anchor>
      )}
    </Alert>
  );
}

const FILE = '';

function Source({ sources, found, pointed }: { sources: SourcesJson; found: readonly Found[]; pointed: Found | null }) {
  const { t } = useTranslation();
  const texts = useMemo(
    () => [
      { part: FILE, label: t('audit.wholeFile'), text: sources.message.text, cut: sources.message.cut },
      ...sources.parts.map(({ part, type, text, cut }) => ({
        part,
        label: t(`audit.sourceOf.${type}`, { part }),
        text,
        cut,
      })),
    ],
    [sources, t],
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const [whole, setWhole] = useState(false);
  const box = useRef<HTMLElement>(null);
  const usual = texts.find(
    ({ label, part }) =>
      part !== FILE && label !== '' && sources.parts.some((one) => one.part === part && one.type === 'html'),
  );
  const wanted = pointed ? (pointed.part ?? FILE) : (chosen ?? usual?.part ?? FILE);
  const shown = texts.find(({ part }) => part === wanted) ?? texts[0];
  const text = shown?.text ?? '';
  const lines = useMemo(
    () =>
      sourceLines(
        text,
        found.filter(({ part }) => (part ?? FILE) === wanted),
        whole,
      ),
    [text, found, wanted, whole],
  );
  const target = pointed === null ? undefined : Number(pointed.finding.evidence.line);
  useEffect(() => {
    if (target === undefined) return;
    const line = box.current?.querySelector<HTMLElement>(`li[value="${target}"]`);
    if (line && box.current) box.current.scrollTop = line.offsetTop - box.current.clientHeight / 3;
  }, [target]);
  return (
    <>
      <Select
        aria-label={t('audit.sourceWhich')}
        allowDeselect={false}
        data={texts.map(({ part, label }) => ({ value: part, label }))}
        value={wanted}
        onChange={(next) => setChosen(next ?? FILE)}
        disabled={pointed !== null}
        maw={360}
        mb="xs"
        size="xs"
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="source-box" tabIndex={0} aria-label={t('audit.source')} ref={box}>
        <ol className="source-lines">
          {lines.map((one) =>
            'gap' in one ? (
              <li key={`gap-${one.from}`} className="source-gap">
                {t('audit.linesLeftOut', { count: one.gap })}
              </li>
            ) : (
              <Line key={one.number} line={one} numbered />
            ),
          )}
        </ol>
      </section>
      {!whole && lines.some((one) => 'gap' in one) && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setWhole(true)}>
          {t('audit.allLines')}
        </Button>
      )}
      {shown?.cut && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('audit.sourceCut')}
        </Text>
      )}
    </>
  );
}
