/** MX and PTR: who takes the domain's mail, and what the machines that send it are called. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RecordsJson } from '../../../server/api/json/records.ts';
import { useFormat } from '../../language.ts';
import { Card, type CardProps } from './card.tsx';
import type { DomainWords } from './words.ts';

type Host = NonNullable<RecordsJson['mx']>['hosts'][number];
type Sending = NonNullable<RecordsJson['ptr']>['addresses'][number];

export function Mx(props: CardProps) {
  const { t } = useTranslation();
  const mx = props.check.records.mx;
  const implicit = mx?.implicit.map(({ ip }) => ip).join(t('check.join')) ?? '';
  return (
    <Card {...props} protocol="mx">
      {mx && mx.hosts.length > 0 ? (
        <ul className="plain-list">
          {mx.hosts.map((host) => (
            <li key={`${host.priority} ${host.name}`}>
              <MxHost host={host} words={props.words} />
            </li>
          ))}
        </ul>
      ) : (
        implicit !== '' && <Text size="sm">{t('domain.mx.implicit', { addresses: implicit })}</Text>
      )}
    </Card>
  );
}

function MxHost({ host, words }: { host: Host; words: DomainWords }) {
  const { t } = useTranslation();
  const addresses = host.addresses.map(({ ip, reach }) =>
    reach === 'private' ? `${ip} (${t('domain.mx.private')})` : ip,
  );
  if (host.name === '') return t('domain.mx.null');
  return (
    <>
      <div className="mono break">
        <span className="dim">{host.priority}</span> {host.name}
      </div>
      <div className="dim">
        <span className="mono">
          {addresses.length > 0 ? addresses.join(t('check.join')) : t('domain.mx.noAddress')}
        </span>
      </div>
      <div className="dim">
        {t('domain.mx.tls')} <TlsWords tls={host.tls} words={words} />
      </div>
    </>
  );
}

function TlsWords({ tls, words }: { tls: Host['tls']; words: DomainWords }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (tls === null) return t('domain.mx.tlsNotAsked');
  if (!tls.seen) return t('domain.mx.tlsUnseen', { reason: words.code(tls.reason) });
  if (tls.problem !== null)
    return t('domain.mx.tlsProblem', { version: tls.version, problem: words.code(tls.problem) });
  return tls.expires === null
    ? tls.version
    : t('domain.mx.tlsOk', { version: tls.version, date: format.date(tls.expires) });
}

export function Ptr(props: CardProps) {
  const { t } = useTranslation();
  const ptr = props.check.records.ptr;
  return (
    <Card {...props} protocol="ptr">
      {ptr && ptr.addresses.length > 0 ? (
        <ul className="plain-list">
          {ptr.addresses.map((address) => (
            <li key={address.ip}>
              <div className="mono">{address.ip}</div>
              <PtrNames address={address} />
            </li>
          ))}
        </ul>
      ) : (
        ptr && (
          <Text size="sm" c="dimmed">
            {t('domain.ptr.unknown')}
          </Text>
        )
      )}
    </Card>
  );
}

function PtrNames({ address: { ip, asked, names, helo } }: { address: Sending }) {
  const { t } = useTranslation();
  return (
    <div className="dim">
      {t('domain.ptr.name')}{' '}
      {asked === 'unasked'
        ? t('domain.state.unasked')
        : names.length === 0
          ? t('domain.ptr.none')
          : names.map((one) => (
              <span key={one.name} className="break">
                <span className="mono">{one.name}</span> (
                {one.asked === 'unasked'
                  ? t('domain.state.unasked')
                  : t(one.addresses.includes(ip) ? 'domain.ptr.back' : 'domain.ptr.notBack')}
                ){' '}
              </span>
            ))}
      <br />
      {t('domain.ptr.helo')}{' '}
      {helo === null
        ? t('domain.ptr.heloUnseen')
        : t(helo.addresses.includes(ip) ? 'domain.ptr.heloOk' : 'domain.ptr.heloOther', { name: helo.name })}
    </div>
  );
}
