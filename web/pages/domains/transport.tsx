/** How mail to the domain is kept from being read on the way: MTA-STS, TLS-RPT, DANE, and DNSSEC, on which DANE rests. */
import { useTranslation } from 'react-i18next';
import type { RecordsJson } from '../../../server/api/json/records.ts';
import { useFormat } from '../../language.ts';
import { Card, type CardProps } from './card.tsx';
import { Facts } from './facts.tsx';

type TextsAt = { name: string; records: string[]; others: string[]; misplaced: string[] };
type DaneHost = NonNullable<RecordsJson['dane']>['hosts'][number];

/** What stands at a name, the useless included: findings point into it. */
export function textsAt(at: TextsAt | undefined): { name: string; value: string }[] {
  return at === undefined ? [] : [...at.records, ...at.misplaced].map((value) => ({ name: at.name, value }));
}

export function MtaSts(props: CardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const sts = props.check.records.mtaSts;
  const { fetched, policy } = sts ?? {};
  const announced = sts !== undefined && sts.records.length > 0;
  return (
    <Card {...props} protocol="mta-sts" records={textsAt(sts)}>
      {(announced || fetched?.got) && (
        <Facts
          facts={[
            [t('domain.sts.mode'), policy?.mode && t(`domain.sts.modes.${policy.mode}`)],
            [t('domain.sts.servers'), policy?.mx.join(t('check.join'))],
            [t('domain.sts.maxAge'), typeof policy?.maxAge === 'number' && format.span(policy.maxAge * 1000)],
            [
              t('domain.sts.file'),
              fetched?.got
                ? t('domain.sts.fetched', { size: format.bytes(fetched.bytes) })
                : fetched && t('domain.sts.notFetched', { reason: props.words.code(fetched.reason) }),
            ],
            [
              t('domain.sts.certificate'),
              fetched?.got && fetched.certificateExpires && format.date(fetched.certificateExpires),
            ],
          ].map(([label, value]) => [String(label), value || null] as const)}
        />
      )}
    </Card>
  );
}

export function TlsRpt(props: CardProps) {
  const { t } = useTranslation();
  const rpt = props.check.records.tlsRpt;
  return (
    <Card {...props} protocol="tls-rpt" records={textsAt(rpt)}>
      <Facts
        facts={[[t('domain.rpt.addresses'), rpt?.read?.addresses.map(({ uri }) => uri).join(t('check.join')) || null]]}
      />
    </Card>
  );
}

export function Dane(props: CardProps) {
  const { t } = useTranslation();
  const hosts = (props.check.records.dane?.hosts ?? []).filter(({ records }) => records.length > 0);
  return (
    <Card {...props} protocol="dane">
      {hosts.length > 0 && (
        <ul className="plain-list">
          {hosts.map((host) => (
            <li key={host.host}>
              <div className="mono break">{host.name}</div>
              {!host.secure && <div className="dim">{t('domain.dane.unsigned')}</div>}
              <ul className="plain-list">
                {host.records.map((record) => (
                  <li key={`${record.usage} ${record.selector} ${record.matchingType} ${record.data}`}>
                    <DaneRecord record={record} words={props.words} />
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function DaneRecord({ record, words }: { record: DaneHost['records'][number]; words: CardProps['words'] }) {
  const { t } = useTranslation();
  const { usage, selector, matchingType, data, problem, fits } = record;
  return (
    <>
      <span className="mono">{`${usage} ${selector} ${matchingType} ${data}`}</span>
      <div className="dim">
        {problem !== null
          ? words.code(problem)
          : t(fits === null ? 'domain.dane.fitUnseen' : fits ? 'domain.dane.fits' : 'domain.dane.fitsNot')}
      </div>
    </>
  );
}

export function Dnssec(props: CardProps) {
  const { t } = useTranslation();
  const dnssec = props.check.records.dnssec;
  return (
    <Card {...props} protocol="dnssec">
      {dnssec && props.domain.protocols?.dnssec?.asked !== 'unasked' && (
        <Facts
          facts={[
            [t('domain.dnssec.zone'), dnssec.zone],
            [
              t('domain.dnssec.signed'),
              dnssec.bogus !== null
                ? t('domain.dnssec.bogus', { cause: props.words.code(dnssec.bogus.cause) })
                : t(dnssec.secure ? 'domain.dnssec.secure' : 'domain.dnssec.insecure'),
            ],
            [
              t('domain.dnssec.ds'),
              dnssec.ds
                .map(({ keyTag, algorithm }) => t('domain.dnssec.dsLine', { tag: keyTag, algorithm }))
                .join(' · '),
            ],
          ]}
        />
      )}
    </Card>
  );
}
