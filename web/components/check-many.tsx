/** Many seeds or senders are tried, a few at a time: how many are done, and of each that does not work why. */
import { Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Accounts, Named } from '../accounts.ts';
import { type Each, forEach } from '../each.ts';
import { useFormat } from '../language.ts';
import { useWords } from '../words.ts';
import { Status } from './status.tsx';

/** Providers do not like many logins at once, and neither does a small machine. */
const AT_ONCE = 3;
type Checked = Awaited<ReturnType<Accounts['check']>>;

type Props = {
  of: Pick<Accounts, 'kind' | 'list' | 'check'>;
  /** Those at the beginning are checked; give it another key for others. */
  items: readonly Named[];
  children?: ReactNode;
};

export function CheckMany({ of, items, children }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const client = useQueryClient();
  const [so, setSo] = useState<Each<Named, Checked>>();
  const stop = useRef<AbortController>(null);
  const asked = useRef({ of, items });
  useEffect(() => {
    const mine = new AbortController();
    const { of, items } = asked.current;
    stop.current = mine;
    void forEach(items, ({ id }) => of.check(id), {
      most: AT_ONCE,
      signal: mine.signal,
      onProgress: setSo,
    }).then(() => client.invalidateQueries({ queryKey: [of.list] }));
    return () => mine.abort();
  }, [client]);
  if (!so) return null;
  const bad = [
    ...so.done
      .filter(({ result }) => !result.ok)
      .map(({ item, result }) => ({
        ...item,
        ...words(result.reason, result.reply === null ? {} : { reply: result.reply }, 'reasons'),
      })),
    ...so.failed.map(({ item }) => ({ ...item, ...words('busy', {}, 'errors') })),
  ];
  const good = so.done.filter(({ result }) => result.ok).length;
  const over = so.done.length + so.failed.length;
  const counts = { done: format.number(over), all: format.number(so.all) };
  return (
    <Stack gap="sm" className="story">
      <Group justify="space-between" gap="xs">
        <Text fw={600} role="status">
          {t(so.running ? 'accounts.checkingOf' : 'accounts.checkedOf', counts)}
        </Text>
        {so.running && (
          <Button size="xs" variant="default" onClick={() => stop.current?.abort()}>
            {t('accounts.stop')}
          </Button>
        )}
      </Group>
      <Progress value={so.all === 0 ? 100 : (100 * over) / so.all} size={6} aria-label={t('accounts.checking')} />
      <Group gap="xs">
        {good > 0 && <Status kind="good">{t(`many.${of.kind}.good`, { count: good })}</Status>}
        {bad.length > 0 && <Status kind="bad">{t(`many.${of.kind}.bad`, { count: bad.length })}</Status>}
      </Group>
      {bad.length > 0 && (
        <ul className="guide-list">
          {bad.map((one) => (
            <li key={one.id}>
              <div className="break">
                <Anchor component={Link} to={`/${of.list}/${one.id}`} fw={600} c="inherit">
                  {one.name}
                </Anchor>
                <Text size="sm">
                  {one.title}: {one.meaning} <span className="dim">{one.todo}</span>
                </Text>
              </div>
            </li>
          ))}
        </ul>
      )}
      {!so.running && children && <Group gap="xs">{children}</Group>}
    </Stack>
  );
}
