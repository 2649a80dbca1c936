/**
 * The way to the search, from every page: a button that looks like the field it opens, `/` and Ctrl-K. On a page with a field of its own `/` belongs to that. Nothing of
 * the search itself is loaded before somebody wants it.
 */
import { IconSearch } from '@tabler/icons-react';
import { type ComponentType, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { withMessages } from '../language.ts';
import { notify } from './notices.tsx';

type Dialog = ComponentType<{ opened: boolean; onClose: () => void }>;

// The pages that can be found are called as in the settings.
const load = withMessages(
  'search',
  withMessages('settings', async () => (await import('../pages/search/dialog.tsx')).SearchDialog),
);

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const KEYS = isMac ? '⌘K' : 'Ctrl K';

let opener: () => void = () => undefined;
/** From a page that has nothing better to offer. */
export function openSearch(): void {
  opener();
}

/** The dialog to be drawn once, and what opens it. */
export function useSearch() {
  const { t } = useTranslation();
  const [Dialog, setDialog] = useState<Dialog | null>(null);
  const [opened, setOpened] = useState(false);
  const open = useCallback(async (): Promise<void> => {
    try {
      const dialog = await load();
      setDialog(() => dialog);
      setOpened(true);
    } catch (error) {
      // Its file could not be fetched: the page itself goes on.
      console.warn('The search could not be loaded', error);
      await notify(t('error.offline'));
    }
  }, [t]);
  useEffect(() => {
    opener = () => void open();
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.altKey || event.shiftKey) return;
      const control = event.ctrlKey || event.metaKey;
      if (control ? event.key.toLowerCase() !== 'k' : event.key !== '/' || isTyping(event.target)) return;
      // One dialog at a time.
      if (document.querySelector('[aria-modal="true"]')) return;
      event.preventDefault();
      void open();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      opener = () => undefined;
      window.removeEventListener('keydown', onKey);
    };
  }, [open]);
  return { open, dialog: Dialog && <Dialog opened={opened} onClose={() => setOpened(false)} /> };
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}

/** @param bare only the sign, where there is no room for words */
export function SearchButton({ onOpen, bare = false }: { onOpen: () => void; bare?: boolean }) {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      className={bare ? 'search-button bare' : 'search-button'}
      aria-label={bare ? t('nav.search') : undefined}
      aria-keyshortcuts="/ Control+K Meta+K"
      onClick={onOpen}
      // On the line before the finger is up.
      onPointerDown={() => void load()}
    >
      <IconSearch size={bare ? 19 : 16} stroke={1.75} aria-hidden />
      {!bare && (
        <>
          <span>{t('nav.search')}</span>
          <span className="keys" aria-hidden="true">
            {KEYS}
          </span>
        </>
      )}
    </button>
  );
}
