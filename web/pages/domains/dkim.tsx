/** DKIM: every key that is known, by size and by how long it has been the same, and the records behind them. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RecordsJson } from '../../../server/api/json/records.ts';
import { Rows } from '../../components/rows.tsx';
import { useFormat } from '../../language.ts';
import { Card, type CardProps, findingsOf } from './card.tsx';
import { MarkedRecord } from './marked-record.tsx';
import { spansIn } from './spans.ts';

type Key = NonNullable<RecordsJson['dkim']>[number];
const DAY_MS = 86_400_000;
/** The longest bar. */
const MOST_BITS = 4096;
const MOST_DAYS = 730;

export function Dkim(props: CardProps) {
  const { t } = useTranslation();
  const keys = props.check.records.dkim ?? [];
  const findings = findingsOf(props.check, 'dkim');
  const at = Date.parse(props.check.checkedAt);
  // Names that services like to use and that are not there say nothing.
  const told = keys.filter((key) => key.source !== 'usual' || key.asked !== 'none');
  const texts = told.flatMap(({ name, records }) => records.map((value) => ({ name, value })));
  return (
    <Card {...props} protocol="dkim" records={[]}>
      {told.length === 0 ? (
        <Text c="dimmed">{t('domain.dkim.none')}</Text>
      ) : (
        <>
          <div className="sub flush-rows">
            <Rows
              label={t('domain.what.dkim')}
              rows={told}
              rowKey={({ name }) => name}
              columns={[
                {
                  key: 'selector',
                  label: t('domain.dkim.selector'),
                  head: true,
                  cell: ({ selector, provider, cnames }) => (
                    <>
                      <span className="mono">{selector}</span>
                      {provider !== null && <div className="dim">{t('domain.dkim.provider', { name: provider })}</div>}
                      {cnames.length > 0 && (
                        <div className="dim break">{t('domain.dkim.alias', { name: cnames.at(-1) })}</div>
                      )}
                    </>
                  ),
                },
                { key: 'key', label: t('domain.dkim.key'), cell: (key) => <Size dkim={key} /> },
                { key: 'age', label: t('domain.dkim.age'), cell: (key) => <Age dkim={key} at={at} /> },
                {
                  key: 'source',
                  label: t('domain.dkim.source'),
                  cell: ({ source }) => t(`domain.dkim.from.${source}`),
                },
              ]}
            />
          </div>
          <Text size="xs" c="dimmed">
            {t('domain.dkim.note')}
          </Text>
        </>
      )}
      {texts.length > 0 && (
        <details className="fact-more">
          <summary>{t('domain.dkim.records')}</summary>
          {texts.map(({ name, value }) => (
            <MarkedRecord
              key={`${name} ${value}`}
              label={t('domain.record.label', { name })}
              name={name}
              record={value}
              spans={spansIn(value, findings)}
            />
          ))}
        </details>
      )}
    </Card>
  );
}

function Size({ dkim }: { dkim: Key }) {
  const { t } = useTranslation();
  if (dkim.record === null && dkim.asked === 'none') return <span className="dim">{t('domain.dkim.noRecord')}</span>;
  if (dkim.asked === 'unasked') return <span className="dim">{t('domain.state.unasked')}</span>;
  if (dkim.revoked) return t('domain.dkim.revoked');
  if (dkim.type === null) return t('domain.dkim.unreadable');
  const bits = dkim.bits ?? 256;
  // An Ed25519 key of 256 bits is as strong as an RSA key of about 3072.
  const strength = dkim.type === 'ed25519' ? 3072 : bits;
  return (
    <>
      {dkim.type === 'ed25519' ? 'Ed25519' : t('domain.dkim.bits', { type: 'RSA', bits })}
      {dkim.testing && <span className="dim"> · {t('domain.dkim.testing')}</span>}
      <Bar share={strength / MOST_BITS} weak={strength < 2048} />
    </>
  );
}

function Age({ dkim, at }: { dkim: Key; at: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (dkim.since === null) return <span className="dim">{t('domain.dkim.ageUnknown')}</span>;
  const days = Math.floor((at - Date.parse(dkim.since)) / DAY_MS);
  return (
    <>
      <span title={format.date(dkim.since)}>
        {days < 1 ? t('domain.dkim.ageNew') : t('domain.dkim.ageDays', { span: format.span(days * DAY_MS) })}
      </span>
      <Bar share={days / MOST_DAYS} weak={days > 365} />
    </>
  );
}

/** The words beside it say the same. */
function Bar({ share, weak }: { share: number; weak: boolean }) {
  return (
    <span className="key-bar" data-weak={weak || undefined} aria-hidden="true">
      <span style={{ width: `${Math.min(1, Math.max(0.01, share)) * 100}%` }} />
    </span>
  );
}
