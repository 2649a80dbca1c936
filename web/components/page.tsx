/** The frame of every page: its one heading, what it says in a sentence, what can be done here, and how it fails without taking the rest along. */
import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconAlertCircle, IconRefresh } from '@tabler/icons-react';
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api.ts';
import { base } from '../base.ts';
import { useWords } from '../words.ts';

type PageProps = {
  title: string;
  /** In the title of the window, where it should say more than the heading. */
  windowTitle?: string | undefined;
  /** What the page says, in words. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** Where this page belongs, as links before the heading. */
  parents?: { label: string; to: string }[];
  children: ReactNode;
};

export function Page({ title, windowTitle = title, lead, actions, parents, children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${windowTitle} · ${base === '' ? 'Todoku' : t('trial.tab')}`;
  }, [windowTitle, t]);
  return (
    <Stack gap="lg" className="page">
      <header>
        {parents && (
          <nav aria-label={t('nav.breadcrumb')} className="crumbs">
            {parents.map((parent) => (
              <Anchor key={parent.to} component={Link} to={parent.to} size="sm">
                {parent.label}
              </Anchor>
            ))}
          </nav>
        )}
        <Group justify="space-between" align="center" gap="sm">
          <Title order={1}>{title}</Title>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {lead !== undefined && (
          <Text mt={4} maw="84ch" component="div" className="lead">
            {lead}
          </Text>
        )}
      </header>
      {children}
    </Stack>
  );
}

/** A panel with a heading of its own. */
export function Panel({
  title,
  note,
  actions,
  flush = false,
  children,
}: {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  /** The content (a list) reaches from edge to edge. */
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <section className={flush ? 'panel flush' : 'panel'} aria-label={title}>
      <Group justify="space-between" align="center" gap="xs" mb="sm">
        <div style={{ flex: '1 1 260px' }}>
          <Title order={2}>{title}</Title>
          {note !== undefined && (
            <Text size="xs" c="dimmed">
              {note}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </section>
  );
}

/** Pages come in files of their own; a window that was open through an update asks for files that are gone. Each browser says it in its own words. */
function isMissingFile(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|Importing a module script failed|Unable to preload/i.test(error.message)
  );
}

/** What happened and what to do, for any error. */
export function useProblem(): (error: unknown) => { title: string; meaning: string; todo: string } {
  const { t } = useTranslation();
  const words = useWords();
  return (error) => {
    if (isMissingFile(error))
      return { title: t('error.fileTitle'), meaning: t('error.file'), todo: t('error.fileTodo') };
    if (!(error instanceof ApiError))
      return { title: t('error.pageTitle'), meaning: t('error.page'), todo: t('error.pageTodo') };
    if (error.code === 'offline')
      return { title: t('error.offlineTitle'), meaning: t('error.offline'), todo: t('error.offlineTodo') };
    // An answer that is no problem document (a proxy's page, a crash) has no code that anybody could have words for.
    const unnamed = { title: '', meaning: '', todo: '' };
    const found = error.code.startsWith('http-') ? unnamed : words(error.code, error.detail, 'errors');
    const known = found.meaning !== '';
    return {
      title: known ? found.title : t('error.serverTitle'),
      // The server's own sentence names the field or the limit; ours says it in the reader's language.
      meaning:
        error.sentence !== '' && error.code === 'invalid'
          ? error.sentence
          : known
            ? found.meaning
            : error.sentence || t('error.server'),
      todo: known ? found.todo : t('error.serverTodo'),
    };
  };
}

export function Problem({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  return <ProblemBox {...useProblem()(error)} onRetry={onRetry} />;
}

type ProblemBoxProps = {
  title: string;
  meaning: ReactNode;
  todo: string;
  onRetry?: (() => void) | undefined;
  retry?: string;
};

export function ProblemBox({ title, meaning, todo, onRetry, retry }: ProblemBoxProps) {
  const { t } = useTranslation();
  return (
    <Alert color="red" icon={<IconAlertCircle size={20} aria-hidden />} title={title} role="alert">
      <Text>{meaning}</Text>
      <Text mt={4}>{todo}</Text>
      {onRetry && (
        <Button
          mt="sm"
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={onRetry}
        >
          {retry ?? t('error.retry')}
        </Button>
      )}
    </Alert>
  );
}

/** One failing page leaves the frame and the others standing. */
export function PageProblem({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const problem = useProblem();
  const queries = useQueryErrorResetBoundary();
  const router = useRouter();
  return (
    <div className="page">
      {isMissingFile(error) ? (
        <ProblemBox {...problem(error)} retry={t('error.reload')} onRetry={() => window.location.reload()} />
      ) : (
        <ProblemBox
          {...problem(error)}
          onRetry={() => {
            queries.reset();
            reset();
            // What the address needs before it is shown is asked anew, too.
            void router.invalidate();
          }}
        />
      )}
    </div>
  );
}

/** The grey shape of a list that is being fetched. */
export function RowsSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <Stack gap={10} aria-hidden="true">
      {Array.from({ length: rows }, (_, at) => at).map((at) => (
        <Skeleton key={at} height={40} radius="sm" />
      ))}
    </Stack>
  );
}

/** An empty list says what belongs here and offers the first step. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <Text fw={600}>{title}</Text>
      <Text c="dimmed" maw="56ch" ta="center">
        {children}
      </Text>
      {action}
    </div>
  );
}

/** The grey shape of a page that is being loaded: a heading, a panel. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" className="page" aria-hidden="true">
      <Skeleton height={30} width={180} radius="sm" />
      <Skeleton height={148} radius="md" />
      <Skeleton height={320} radius="md" />
    </Stack>
  );
}
