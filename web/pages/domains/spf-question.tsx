/** "Would mail from this address pass?", asked of DNS as it is now, with the way to the answer. Addresses that are known were asked by the check. */
import { Button, Group, TextInput } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DomainDetailsJson, SpfEvaluationJson } from '../../../server/api/json/domains.ts';
import { api } from '../../api.ts';
import { Problem } from '../../components/page.tsx';
import { ResultBadge } from '../../components/result-badge.tsx';
import { useWords } from '../../words.ts';
import type { SpfJson } from './spf-costs.ts';
import { isIp } from './values.ts';

type Verdict = Omit<SpfEvaluationJson, 'sender' | 'helo' | 'evaluatedAt'>;

export function SpfQuestion({ domain, known }: { domain: DomainDetailsJson; known: SpfJson['evaluations'] }) {
  const { t } = useTranslation();
  const [ip, setIp] = useState('');
  const [sender, setSender] = useState('');
  const [helo, setHelo] = useState('');
  const [wrong, setWrong] = useState(false);
  const ask = useMutation({
    mutationFn: (asked: { ip: string; sender?: string | undefined; helo?: string | undefined }) =>
      api.domains.evaluateSpf(domain.id, asked),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const typed = ip.trim();
    setWrong(!isIp(typed));
    if (isIp(typed)) ask.mutate({ ip: typed, sender: sender.trim() || undefined, helo: helo.trim() || undefined });
  };
  return (
    <section className="sub" aria-label={t('domain.spf.would')}>
      <h3>{t('domain.spf.would')}</h3>
      {known.length > 0 && (
        <ul className="spf-known" aria-label={t('domain.spf.known')}>
          {known.map((one) => (
            <li key={one.ip}>
              <Answer verdict={one} />
            </li>
          ))}
        </ul>
      )}
      <form onSubmit={submit} noValidate>
        <Group gap="xs" align="flex-start">
          <TextInput
            aria-label={t('domain.spf.ip')}
            placeholder="203.0.113.7"
            value={ip}
            error={wrong ? t('domain.spf.ipInvalid') : undefined}
            onChange={(event) => {
              setIp(event.currentTarget.value);
              setWrong(false);
            }}
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            classNames={{ input: 'mono' }}
            flex="1 1 180px"
            maw={320}
          />
          <Button type="submit" variant="default" loading={ask.isPending}>
            {t('domain.spf.ask')}
          </Button>
        </Group>
        <details className="fact-more">
          <summary>{t('domain.spf.more')}</summary>
          <div className="pair below">
            <TextInput
              label={t('domain.spf.sender')}
              placeholder={`postmaster@${domain.name}`}
              description={t('domain.spf.optional')}
              value={sender}
              onChange={(event) => setSender(event.currentTarget.value)}
            />
            <TextInput
              label={t('domain.spf.helo')}
              placeholder={domain.name}
              description={t('domain.spf.optional')}
              value={helo}
              onChange={(event) => setHelo(event.currentTarget.value)}
            />
          </div>
        </details>
      </form>
      <div aria-live="polite">
        {ask.error ? (
          <Problem error={ask.error} />
        ) : (
          ask.data && (
            <div className="spf-answer">
              <Answer verdict={ask.data} open />
            </div>
          )
        )}
      </div>
    </section>
  );
}

function Answer({ verdict, open = false }: { verdict: Verdict; open?: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const { ip, result, reason, term, domain, path, lookups, voidLookups, explanation } = verdict;
  return (
    <>
      <p className="spf-verdict">
        <ResultBadge result={result} /> <strong>{t(`domain.spf.answer.${result}`, { ip })}</strong>
      </p>
      <p>
        {term !== null && t('domain.spf.decided', { term, domain })}{' '}
        {reason !== null && words(reason, {}, 'reasons').meaning}{' '}
        {t('domain.spf.asked', { lookups, voids: voidLookups })}
      </p>
      {explanation !== null && (
        <p className="break">
          {t('domain.spf.explanation')} {explanation}
        </p>
      )}
      {path.length > 0 && (
        <details className="fact-more" open={open}>
          <summary>{t('domain.spf.path')}</summary>
          <ol className="spf-path">
            {path.map((step, at) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: a way may pass the same term twice
                key={at}
                style={{ paddingInlineStart: `${step.depth * 20}px` }}
                data-matched={step.matched || undefined}
              >
                {step.matched ? <IconCheck size={14} aria-hidden /> : <IconMinus size={14} aria-hidden />}
                <span className="mono">{step.term}</span>
                <span className="dim">
                  {step.domain} · {t(step.matched ? 'domain.spf.matched' : 'domain.spf.passedBy')}
                </span>
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}
