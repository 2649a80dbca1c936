/** Who signed the mail, whether it holds, whether it is the sender's own name, and what large providers ask of whoever sends many. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AuditResultJson } from '../../../server/api/json/audits.ts';
import type { MechanismJson } from '../../../server/api/json/probes.ts';
import { Panel } from '../../components/page.tsx';
import { ResultBadge } from '../../components/result-badge.tsx';
import { Rows } from '../../components/rows.tsx';
import { Status } from '../../components/status.tsx';
import { useWords } from '../../words.ts';
import { Checklist } from '../domains/checklist.tsx';
import type { Found } from './found.ts';
import type { CampaignWords } from './words.ts';

type Props = { result: AuditResultJson; found: readonly Found[]; words: CampaignWords };
type Signature = { domain: string; selector: string; line: number; verified: MechanismJson | null };

const MECHANISMS = ['spf', 'dkim', 'dmarc'] as const;

export function Authentication({ result, found, words }: Props) {
  const { t } = useTranslation();
  const explain = useWords();
  const { authentication } = result;
  const { holds, checklist } = authentication;
  const signatures = signaturesOf(authentication);
  return (
    <>
      <Panel
        title={t('audit.authentication')}
        note={
          authentication.copies === 0
            ? t('audit.authenticationNote')
            : t('audit.authenticationSeen', { count: authentication.copies })
        }
        flush
      >
        <ul className="holds panel-words">
          {MECHANISMS.map((mechanism) => (
            <li key={mechanism}>
              <strong>{mechanism.toUpperCase()}</strong>{' '}
              <Status kind={holds[mechanism] === null ? 'none' : holds[mechanism] ? 'good' : 'bad'}>
                {t(`audit.holdsIs.${holds[mechanism] === null ? 'unknown' : holds[mechanism] ? 'yes' : 'no'}`)}
              </Status>
            </li>
          ))}
        </ul>
        {signatures.length === 0 ? (
          <Text className="inset" c="dimmed">
            {t('audit.unsigned')}
          </Text>
        ) : (
          <Rows
            label={t('audit.signatures')}
            rows={signatures}
            rowKey={({ line }) => String(line)}
            columns={[
              {
                key: 'domain',
                label: t('audit.signer'),
                head: true,
                cell: ({ domain }) => <span className="break">{domain}</span>,
              },
              {
                key: 'selector',
                label: t('audit.selector'),
                cell: ({ selector }) => <span className="break">{selector}</span>,
              },
              {
                key: 'result',
                label: t('audit.verified'),
                cell: ({ verified }) =>
                  verified === null ? (
                    <span className="dim">{t('audit.notVerified')}</span>
                  ) : (
                    <>
                      <ResultBadge result={verified.result} />{' '}
                      {verified.reason !== undefined && (
                        <span className="dim">{explain(verified.reason, {}, 'reasons').title}</span>
                      )}
                    </>
                  ),
              },
              {
                key: 'aligned',
                label: t('audit.aligned'),
                cell: ({ verified }) =>
                  verified?.aligned === undefined ? (
                    <span className="dim">–</span>
                  ) : (
                    <Status kind={verified.aligned ? 'good' : 'bad'}>
                      {t(verified.aligned ? 'audit.isAligned' : 'audit.isNotAligned')}
                    </Status>
                  ),
              },
              {
                key: 'key',
                label: t('audit.key'),
                wide: true,
                cell: ({ verified }) => (
                  <span className="dim">
                    {[
                      verified?.algorithm,
                      verified?.keyBits === undefined ? undefined : t('audit.bits', { bits: verified.keyBits }),
                    ]
                      .filter((part) => part !== undefined)
                      .join(' · ') || '–'}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Panel>
      {!result.offline && (
        <Checklist
          checklist={checklist}
          note={t('audit.checklistNote')}
          requirement={words.requirement}
          more={(id) => {
            const of = found.find(({ finding }) => finding.id === id);
            return of ? { href: `#${of.anchor}`, title: words.finding(of.finding).title } : null;
          }}
        />
      )}
    </>
  );
}

/** As they stand in the mail, each with what became of it. */
function signaturesOf({ signatures, verified }: AuditResultJson['authentication']): Signature[] {
  const dkim = verified?.dkim as (MechanismJson & { signatures?: MechanismJson[] }) | undefined;
  const results = dkim?.signatures ?? [];
  return signatures.map(({ domain, selector, line }) => ({
    domain,
    selector,
    line,
    verified: results.find((one) => one.domain === domain && one.selector === selector) ?? null,
  }));
}
