/** What somebody should look at: each with its reason in words, what to do, and since when. */
import { Anchor, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AttentionJson } from '../../server/api/json/overview.ts';
import { useScheme } from '../charts/palette.ts';
import { SIGN_TONES } from '../outcomes.ts';
import { useWords } from '../words.ts';
import { Since } from './moment.tsx';

export function Attention({ items }: { items: AttentionJson[] }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  const words = useWords();
  if (items.length === 0) {
    return (
      <Text c="dimmed" className="headline-label">
        <IconCircleCheck size={18} color={SIGN_TONES.pass[scheme].fill} aria-hidden /> {t('overview.allWell')}
      </Text>
    );
  }
  return (
    <ul className="attention">
      {items.map((item) => {
        const known = words(item.reason, item.evidence);
        return (
          <li key={`${item.kind} ${item.id} ${item.reason}`}>
            <span className="mark" style={{ marginTop: 3 }}>
              <IconAlertTriangle size={18} color={SIGN_TONES.temporary[scheme].fill} aria-hidden />
            </span>
            <div>
              <Text fw={600} className="break">
                <AttentionLink item={item} />
              </Text>
              <Text size="sm">
                {known.meaning} <span className="dim">{known.todo}</span>
              </Text>
              {item.since !== null && (
                <Text size="xs" c="dimmed">
                  <Since at={item.since} />
                </Text>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function AttentionLink({ item }: { item: AttentionJson }) {
  const { t } = useTranslation();
  const label = t(`attention.${item.kind}`, { name: item.name });
  switch (item.kind) {
    case 'seed-unreadable':
      return (
        <Anchor component={Link} to="/seeds/$id" params={{ id: item.id } as never} inherit>
          {label}
        </Anchor>
      );
    case 'sender-held':
    case 'sender-paused':
    case 'sender-budget':
      return (
        <Anchor component={Link} to="/senders/$id" params={{ id: item.id } as never} inherit>
          {label}
        </Anchor>
      );
    case 'run-late':
      return (
        <Anchor component={Link} to="/runs/$id" params={{ id: item.id } as never} inherit>
          {label}
        </Anchor>
      );
    case 'backup':
      return (
        <Anchor component={Link} to="/settings" inherit>
          {label}
        </Anchor>
      );
    default:
      return label;
  }
}
