/**
 * The first ten minutes: from nothing to the first result in four steps, each tried against the real server. What is done is told from what is there, so it can be
 * left at any point and taken up again; which step is open stands in the address.
 */
import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheckFilled } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingsJson } from '../../../server/api/json/owner.ts';
import { api } from '../../api.ts';
import { useScheme } from '../../charts/palette.ts';
import { LookAround } from '../../components/look-around.tsx';
import { Page, Problem } from '../../components/page.tsx';
import {
  GUIDE_STEPS,
  type GuideStep,
  mayOpen,
  type SetUp,
  type Standing,
  standingOf,
  stepToTake,
} from '../../guide.ts';
import { useFormat } from '../../language.ts';
import { SIGN_TONES } from '../../outcomes.ts';
import { MonitorStep } from './monitor-step.tsx';
import { RunStep } from './run-step.tsx';
import { SeedStep } from './seed-step.tsx';
import { SenderStep } from './sender-step.tsx';

const route = getRouteApi('/inside/guide');
const QUESTION = 'guide-question';

export function Guide() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { step } = route.useSearch();
  const navigate = route.useNavigate();
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list });
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const monitors = useQuery({ queryKey: ['monitors'], queryFn: api.monitors.list });
  const settings = useQuery({ queryKey: ['settings'], queryFn: api.settings.read });
  const mark = useMutation({
    mutationFn: (guide: SettingsJson['guide']) => api.settings.change({ guide }),
    onSuccess: (changed) => client.setQueryData(['settings'], changed),
  });
  const { mutate: markAs } = mark;
  const error = senders.error ?? seeds.error ?? monitors.error;
  const setUp: SetUp | null =
    senders.data && seeds.data && monitors.data
      ? { senders: senders.data, seeds: seeds.data, monitors: monitors.data }
      : null;
  const standing = setUp && standingOf(setUp);

  // Who comes back takes it up again. Told once: leaving it must not open it.
  const known = useRef(false);
  const state = settings.data?.guide;
  useEffect(() => {
    if (state === undefined || known.current) return;
    known.current = true;
    if (state === 'left') markAs('open');
  }, [state, markAs]);

  // The step is written down where it is: what becomes true meanwhile must not take the page from under the reader.
  const open = standing && (step && mayOpen(step, standing) ? step : stepToTake(standing));
  useEffect(() => {
    if (open && step !== open) void navigate({ search: { step: open }, replace: true });
  }, [open, step, navigate]);

  // From step to step the question is the first thing that is read out; on the way in, the page is.
  const before = useRef<GuideStep>(null);
  useEffect(() => {
    if (!open) return;
    if (before.current !== null && before.current !== open) {
      document.getElementById(QUESTION)?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
    before.current = open;
  }, [open]);

  const go = (to: GuideStep): void => void navigate({ search: { step: to } });
  return (
    <Page
      title={t('guide.title')}
      lead={t('guide.lead')}
      actions={
        <Button
          variant="default"
          loading={mark.isPending}
          onClick={() =>
            mark.mutate(state === 'done' ? 'done' : 'left', { onSuccess: () => void navigate({ to: '/' }) })
          }
        >
          {t(state === 'done' ? 'guide.close' : 'guide.leave')}
        </Button>
      }
    >
      {mark.error && <Problem error={mark.error} />}
      {error && (
        <Problem
          error={error}
          onRetry={() => {
            for (const query of [senders, seeds, monitors]) if (query.error) void query.refetch();
          }}
        />
      )}
      {setUp && standing && open ? (
        <>
          <Steps standing={standing} open={open} />
          <Step key={open} step={open}>
            {open === 'sender' && <SenderStep senders={setUp.senders} onNext={() => go('seeds')} />}
            {open === 'seeds' && <SeedStep senders={setUp.senders} seeds={setUp.seeds} onNext={() => go('monitor')} />}
            {open === 'monitor' && <MonitorStep {...setUp} onNext={() => go('run')} />}
            {open === 'run' && <RunStep monitors={setUp.monitors} onDone={() => markAs('done')} />}
          </Step>
          {setUp.senders.length === 0 && (
            <section className="panel guide-out" aria-label={t('guide.out')}>
              <Text ta="center" mb="sm">
                {t('guide.out')}
              </Text>
              <div className="or">
                <LookAround />
              </div>
            </section>
          )}
        </>
      ) : (
        !error && (
          <>
            <Skeleton height={58} radius="md" />
            <Skeleton height={520} radius="md" />
          </>
        )
      )}
    </Page>
  );
}

function Steps({ standing, open }: { standing: Record<GuideStep, Standing>; open: GuideStep }) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  return (
    <nav aria-label={t('guide.steps')}>
      <ol className="guide-steps">
        {GUIDE_STEPS.map((step, at) => {
          const inside = (
            <>
              {standing[step] === 'works' ? (
                <IconCircleCheckFilled
                  size={24}
                  style={{ color: SIGN_TONES.pass[scheme].fill, flex: 'none' }}
                  aria-label={t('guide.done')}
                />
              ) : (
                <span className="guide-number">{format.number(at + 1)}</span>
              )}
              <span>{t(`guide.step.${step}`)}</span>
            </>
          );
          return (
            <li key={step}>
              {mayOpen(step, standing) ? (
                <Link
                  to="/guide"
                  search={{ step }}
                  aria-current={step === open ? 'step' : undefined}
                  className="guide-link"
                >
                  {inside}
                </Link>
              ) : (
                <span className="guide-link" data-closed>
                  {inside}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function Step({ step, children }: { step: GuideStep; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className="panel guide-step" aria-labelledby={QUESTION}>
      <Title order={2} id={QUESTION} tabIndex={-1}>
        {t(`guide.question.${step}`)}
      </Title>
      <Text maw="84ch">{t(`guide.answer.${step}`)}</Text>
      <Stack gap="lg" mt="md">
        {children}
      </Stack>
    </section>
  );
}
