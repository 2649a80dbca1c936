/** What a check really saw, told as one line of facts: "Signed in over TLS 1.3, 14 folders, junk is 迷惑メール by SPECIAL-USE". */
import { List, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheckFilled, IconSquareRoundedXFilled } from '@tabler/icons-react';
import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedCheckJson } from '../../server/api/json/seeds.ts';
import type { SenderCheckJson } from '../../server/api/json/senders.ts';
import { useScheme } from '../charts/palette.ts';
import { useFormat } from '../language.ts';
import { SIGN_TONES } from '../outcomes.ts';
import { useWords } from '../words.ts';
import { Moment } from './moment.tsx';
import { tlsName } from './tls-name.ts';

export function SeedCheckStory({ check }: { check: SeedCheckJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const warnings = check.warnings.length > 0 && (
    <List size="sm" mt={6} spacing={4} icon={<IconAlertTriangle size={16} aria-label={t('check.warning')} />}>
      {check.warnings.map((warning) => {
        const { meaning, todo } = words(warning, {}, 'warnings');
        return (
          <List.Item key={warning}>
            {meaning} <span className="dim">{todo}</span>
          </List.Item>
        );
      })}
    </List>
  );
  if (!check.ok)
    return (
      <Failed reason={check.reason} reply={check.reply} at={check.at}>
        {warnings}
      </Failed>
    );
  const facts = [
    check.tls ? t('check.signedInTls', { tls: tlsName(check.tls.version) }) : t('check.signedInClear'),
    t('check.folders', { count: check.folders.length }),
    check.junk
      ? t('check.junk', { folder: check.junk.path, source: t(`check.source.${check.junk.source}`) })
      : t('check.noJunk'),
  ];
  if (check.tls?.certificateExpires)
    facts.push(t('check.certificate', { date: format.date(check.tls.certificateExpires) }));
  return (
    <Passed at={check.at} facts={facts}>
      {warnings}
    </Passed>
  );
}

export function SenderCheckStory({ check }: { check: SenderCheckJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!check.ok)
    return (
      <Failed reason={check.reason} reply={check.reply} at={check.at}>
        <Said lines={check.dialogue} />
      </Failed>
    );
  const facts = [check.tls ? t('check.signedInTls', { tls: tlsName(check.tls.version) }) : t('check.signedInClear')];
  if (check.tls?.certificateExpires)
    facts.push(t('check.certificate', { date: format.date(check.tls.certificateExpires) }));
  if (check.sizeLimit !== null && check.sizeLimit > 0)
    facts.push(t('check.size', { size: format.bytes(check.sizeLimit) }));
  facts.push(t('check.nothingSent'));
  return (
    <Passed at={check.at} facts={facts}>
      <Said lines={check.dialogue} />
    </Passed>
  );
}

/** The dialogue itself, for those who want to read it: secrets were masked before it was stored. */
function Said({ lines }: { lines: SenderCheckJson['dialogue'] }) {
  const { t } = useTranslation();
  if (lines.length === 0) return null;
  return (
    <details className="said">
      <summary>{t('accounts.dialogue')}</summary>
      <ol className="dialogue">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines never move, and two may be the same
          <li key={at} className={line.from}>
            <span className="sr-only">{t(`accounts.says.${line.from}`)}</span>
            <span aria-hidden>{line.from === 'client' ? '›' : line.from === 'server' ? '‹' : '·'}</span>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Passed({ at, facts, children }: { at: string; facts: string[]; children?: ReactNode }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  return (
    <div className="story" role="status" style={{ '--tile': SIGN_TONES.pass[scheme].fill } as CSSProperties}>
      <Text fw={600}>
        <span className="mark">
          <IconCircleCheckFilled size={16} style={{ color: SIGN_TONES.pass[scheme].fill, flex: 'none' }} aria-hidden />
        </span>{' '}
        {t('check.ok')}{' '}
        <Text span size="xs" c="dimmed" fw={400}>
          <Moment at={at} />
        </Text>
      </Text>
      <Text className="break">{facts.join(t('check.join'))}</Text>
      {children}
    </div>
  );
}

function Failed({
  reason,
  reply,
  at,
  children,
}: {
  reason: string;
  reply: string | null;
  at: string;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const { title, meaning, todo } = useWords()(reason, {}, 'reasons'); // the reply stands below, as it came
  return (
    <div className="story" role="alert" style={{ '--tile': SIGN_TONES.fail[scheme].fill } as CSSProperties}>
      <Text fw={600}>
        <span className="mark">
          <IconSquareRoundedXFilled
            size={16}
            style={{ color: SIGN_TONES.fail[scheme].fill, flex: 'none' }}
            aria-hidden
          />
        </span>{' '}
        {title}{' '}
        <Text span size="xs" c="dimmed" fw={400}>
          <Moment at={at} />
        </Text>
      </Text>
      <Text>{meaning}</Text>
      <Text mt={4}>{todo}</Text>
      {reply !== null && (
        <Text mt={6} size="xs" c="dimmed" className="mono">
          {t('check.reply', { reply })}
        </Text>
      )}
      {children}
    </div>
  );
}
