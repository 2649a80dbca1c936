/** BIMI: the record, the logo it names and the certificate that vouches for it. The logo itself is somebody's file from anywhere and is not drawn here. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RecordsJson } from '../../../server/api/json/records.ts';
import { useFormat } from '../../language.ts';
import { Card, type CardProps } from './card.tsx';
import { Facts } from './facts.tsx';
import { textsAt } from './transport.tsx';

type BimiJson = NonNullable<RecordsJson['bimi']>;

export function Bimi(props: CardProps) {
  const { t } = useTranslation();
  const bimi = props.check.records.bimi;
  return (
    <Card {...props} protocol="bimi" records={textsAt(bimi)}>
      {bimi?.record?.declined && <Text size="sm">{t('domain.bimi.declined')}</Text>}
      {bimi?.record && !bimi.record.declined && (
        <>
          <Logo bimi={bimi} words={props.words} />
          <Certificate bimi={bimi} words={props.words} />
        </>
      )}
    </Card>
  );
}

function Logo({ bimi: { record, logo }, words }: { bimi: BimiJson; words: CardProps['words'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!record?.logo) return null;
  const state = !logo
    ? null
    : !logo.got
      ? t('domain.bimi.notFetched', { reason: words.code(logo.reason) })
      : logo.read && logo.read.problem !== null
        ? t('domain.bimi.unreadable', { reason: words.code(logo.read.problem) })
        : t('domain.bimi.size', { size: format.bytes(logo.bytes), type: logo.contentType ?? '?' });
  return (
    <Facts
      facts={[
        [t('domain.bimi.logo'), record.logo.url],
        [t('domain.sts.file'), state],
        [t('domain.bimi.title'), logo?.got && logo.read?.problem === null ? logo.read.title : null],
      ]}
    />
  );
}

function Certificate({ bimi: { record, certificate }, words }: { bimi: BimiJson; words: CardProps['words'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!record?.certificate) return null;
  const read = certificate?.got && certificate.read?.problem === null ? certificate.read : null;
  const problem = !certificate
    ? null
    : !certificate.got
      ? t('domain.bimi.notFetched', { reason: words.code(certificate.reason) })
      : certificate.read && certificate.read.problem !== null
        ? t('domain.bimi.unreadable', { reason: words.code(certificate.read.problem) })
        : null;
  return (
    <Facts
      facts={[
        [t('domain.bimi.certificate'), [read?.kind, record.certificate.url].filter(Boolean).join(' · ')],
        [t('domain.sts.file'), problem],
        [t('domain.bimi.organization'), read?.organization],
        [t('domain.bimi.issuer'), read?.issuer],
        [
          t('domain.bimi.valid'),
          read && t('domain.bimi.until', { from: format.date(read.from), to: format.date(read.to) }),
        ],
      ]}
    />
  );
}
