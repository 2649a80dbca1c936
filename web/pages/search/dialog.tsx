/**
 * Finds anything from anywhere: pages by their name, monitors, seeds, senders and campaigns by a word, the one probe whose token or Message-ID somebody has in hand. The
 * field keeps the focus; the arrows walk through what was found (the combobox pattern of the ARIA practices).
 */
import { Modal, Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  IconFileText,
  IconInbox,
  IconListCheck,
  IconMail,
  IconMailCheck,
  IconRadar2,
  IconReportSearch,
  IconSearch,
  IconSend,
  IconWorld,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { base } from '../../base.ts';
import { finds } from '../../components/finds.ts';
import { Moment } from '../../components/moment.tsx';
import { Problem } from '../../components/page.tsx';
import { SECTIONS } from '../settings/sections.ts';
import { type Found, foundFrom, groupsOf, partsOf, step } from './results.ts';

/** As long as somebody types on, the server is not asked. */
const PAUSE_MS = 150;
const MOST = 30;
const MOST_PAGES = 4;
/** As the server has it: shorter beginnings of a token would find any and mean none. */
const SHORTEST_TOKEN = 6;

const ICONS = {
  page: IconFileText,
  monitor: IconRadar2,
  seed: IconInbox,
  sender: IconSend,
  domain: IconWorld,
  campaign: IconMailCheck,
  audit: IconReportSearch,
  run: IconListCheck,
  probe: IconMail,
} as const;

export function SearchDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [gone, setGone] = useState(false);
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      padding={0}
      size={640}
      yOffset="10vh"
      radius="lg"
      // Whoever went to another page goes on there, not at the button they came from.
      returnFocus={!gone}
      transitionProps={{ duration: 80 }}
      onExitTransitionEnd={() => setGone(false)}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={t('search.title')}>
        <Modal.Body className="search-dialog">
          <Search
            onLeave={() => {
              setGone(true);
              onClose();
            }}
          />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Search({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const text = typed.trim();
  const [asked] = useDebouncedValue(text, PAUSE_MS);
  const answer = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => api.search(asked.slice(0, 300), MOST, signal),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  const waiting = text !== '' && (text !== asked || answer.isPending || answer.isPlaceholderData);
  const things = text === '' ? [] : (answer.data?.items ?? []).map(foundFrom);
  const pages = usePages();
  const named = text === '' ? pages : pages.filter((page) => finds(text, [page.title])).slice(0, MOST_PAGES);
  const groups = groupsOf([...named, ...things]);
  const all = groups.flatMap((group) => group.items);
  const chosen = all[Math.min(active, all.length - 1)];
  const optionId = (item: Found): string => `${id}-${item.kind}-${item.id}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: other words, other things: from the first again
  useEffect(() => setActive(0), [text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another one is chosen
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active, all.length]);

  const go = (item: Found, aside: boolean): void => {
    if (aside) {
      window.open(base + item.path, '_blank', 'noopener');
      return;
    }
    onLeave();
    router.history.push(base + item.path);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setActive((before) => step(Math.min(before, all.length - 1), event.key === 'ArrowDown' ? 1 : -1, all.length));
    } else if (event.key === 'Enter' && chosen && !(waiting && things.length === 0 && named.length === 0)) {
      event.preventDefault();
      go(chosen, event.ctrlKey || event.metaKey);
    }
  };

  return (
    <>
      <div className="search-field">
        <IconSearch size={20} aria-hidden />
        <input
          type="text"
          role="combobox"
          aria-label={t('search.title')}
          aria-expanded={all.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen ? optionId(chosen) : undefined}
          placeholder={t('search.placeholder')}
          value={typed}
          maxLength={300}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="go"
          data-autofocus
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      {answer.error && text !== '' && (
        <div className="inset">
          <Problem error={answer.error} onRetry={() => void answer.refetch()} />
        </div>
      )}
      <div className="search-found" id={`${id}-list`} role="listbox" aria-label={t('search.found')} ref={list}>
        {groups.map(({ kind, items }) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options in a list, as the pattern asks for
          <div key={kind} role="group" aria-labelledby={`${id}-${kind}`}>
            <div className="search-kind" id={`${id}-${kind}`}>
              {t(`search.kind.${kind}`)}
            </div>
            {items.map((item) => (
              <Option
                key={item.id}
                id={optionId(item)}
                item={item}
                typed={text}
                chosen={item === chosen}
                onChoose={() => setActive(all.indexOf(item))}
                onGo={(event) => go(item, event.ctrlKey || event.metaKey || event.button === 1)}
              />
            ))}
          </div>
        ))}
      </div>
      {waiting && things.length === 0 && !answer.error && <Waiting />}
      {text !== '' && !waiting && all.length === 0 && !answer.error && (
        <div className="empty">
          <strong>{t('list.nothingFound')}</strong>
          <span className="dim break">
            {t('list.nothingFoundMeaning', { search: text })}{' '}
            {text.length < SHORTEST_TOKEN && t('search.shortToken', { n: SHORTEST_TOKEN })}
          </span>
        </div>
      )}
      <p className="sr-only" role="status">
        {text !== '' && !waiting && t('search.count', { count: all.length })}
      </p>
      <p className="search-keys dim" aria-hidden="true">
        {t('search.keys')}
      </p>
    </>
  );
}

type OptionProps = {
  id: string;
  item: Found;
  typed: string;
  chosen: boolean;
  onChoose: () => void;
  onGo: (event: MouseEvent) => void;
};

function Option({ id, item, typed, chosen, onChoose, onGo }: OptionProps) {
  const { t } = useTranslation();
  const Icon = ICONS[item.kind];
  const detail = item.kind === 'run' ? t(`runState.${item.detail as 'running'}`) : item.detail;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys of the whole list
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      className="search-option"
      onMouseMove={chosen ? undefined : onChoose}
      onClick={onGo}
      onAuxClick={(event) => event.button === 1 && onGo(event)}
    >
      <Icon size={18} stroke={1.75} aria-hidden />
      <span className="search-words">
        <span className="break">
          <Marked text={item.title} typed={typed} />
        </span>
        {detail !== '' && (
          <span className="dim break">
            <Marked text={detail} typed={typed} />
          </span>
        )}
      </span>
      <span className="search-aside dim">
        {item.match === 'token' || item.match === 'message-id' ? t(`search.match.${item.match}`) : null}
        {item.at !== null && <Moment at={item.at} />}
      </span>
    </div>
  );
}

function Marked({ text, typed }: { text: string; typed: string }) {
  return partsOf(text, typed).map(({ text: part, hit }, at) =>
    hit ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have nothing but their place
      <mark key={at}>{part}</mark>
    ) : (
      part
    ),
  );
}

function Waiting() {
  return (
    <div className="inset" aria-hidden="true">
      {[0, 1, 2].map((at) => (
        <Skeleton key={at} height={32} my={8} />
      ))}
    </div>
  );
}

/** The pages of the program itself, as far as this world has them. */
function usePages(): Found[] {
  const { t } = useTranslation();
  const page = (path: string, title: string, detail = ''): Found => ({
    ...{ kind: 'page', id: path, title, detail, at: null, match: 'name' },
    path,
  });
  const pages = [
    page('/', t('nav.overview')),
    page('/monitors', t('nav.monitors')),
    page('/runs', t('nav.runs')),
    page('/seeds', t('nav.seeds')),
    page('/senders', t('nav.senders')),
    page('/domains', t('nav.domains')),
    page('/campaigns', t('nav.campaigns')),
    page('/monitors/new', t('monitor.add')),
  ];
  // What there is once in an installation has no twin among made-up mailboxes.
  if (base !== '') return pages;
  return [
    ...pages,
    page('/seeds/new', t('seed.add')),
    page('/seeds/import', t('seed.importTitle')),
    page('/senders/new', t('sender.add')),
    page('/senders/import', t('sender.importTitle')),
    ...SECTIONS.map(({ to, key }) => page(to, t(`settings.section.${key}`), t('nav.settings'))),
  ];
}
