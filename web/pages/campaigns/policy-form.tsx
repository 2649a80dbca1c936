/** Everything a policy may ask, field by field; a file fills the same form, so that it is seen before it is kept. */
import {
  Button,
  Checkbox,
  Divider,
  FileButton,
  Group,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  Stack,
  Text,
} from '@mantine/core';
import { IconFileUpload, IconRotate } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PolicyJson } from '../../../server/api/json/audits.ts';
import { Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { SEVERITIES } from '../../severity.ts';
import { useCampaignWords } from '../audit/words.ts';
import type { PolicyEditorProps } from './policy-editor.tsx';
import { usePolicyFile } from './policy-file.ts';
import { PolicyRates } from './policy-rates.tsx';
import {
  MECHANISMS,
  type PolicyValues,
  policyFaults,
  policyFrom,
  policyValues,
  RATES_BY,
  samePolicy,
  typedNumber,
} from './policy-values.ts';

type Props = PolicyEditorProps & { defaults: PolicyJson };

export function PolicyForm({ policy, draft, defaults, onSave, onClose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const standard = draft ? defaults.draftPolicy : defaults.policy;
  const [before, setBefore] = useState(policy);
  const [values, setValues] = useState(() => policyValues(policy, defaults.placementRate));
  const [tried, setTried] = useState(false);
  const forget = useRef<() => void>(null);
  const faults = tried ? policyFaults(values) : {};
  const said = (field: string): string | undefined => {
    const fault = faults[field];
    return fault === undefined ? undefined : t(`policy.fault.${fault}`);
  };
  const change = (part: Partial<PolicyValues>): void => setValues({ ...values, ...part });
  const begin = (next: typeof policy): void => {
    setBefore(next);
    setValues(policyValues(next, defaults.placementRate));
    setTried(false);
  };
  const file = usePolicyFile(begin);
  const wanted = policyFrom(values, before);
  const isStandard = samePolicy(wanted, standard);
  const save = useMutation({ mutationFn: () => onSave(isStandard ? null : wanted), onSuccess: onClose });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // It stands in a dialog over a form of its own: to React the one lies inside the other.
    event.stopPropagation();
    setTried(true);
    if (Object.keys(policyFaults(values)).length === 0) save.mutate();
  };
  return (
    <form className="policy-form" onSubmit={submit} noValidate>
      <Group gap="xs">
        <FileButton
          resetRef={forget}
          accept=".json,application/json"
          onChange={(chosen) => {
            if (chosen) void file.read(chosen);
            // The same file, mended, may be chosen again.
            forget.current?.();
          }}
        >
          {(props) => (
            <Button
              {...props}
              size="xs"
              variant="default"
              loading={file.busy}
              leftSection={<IconFileUpload size={16} aria-hidden />}
            >
              {t('policy.import')}
            </Button>
          )}
        </FileButton>
        <Button
          size="xs"
          variant="default"
          disabled={isStandard}
          leftSection={<IconRotate size={16} aria-hidden />}
          onClick={() => begin(standard)}
        >
          {t('policy.toDefault')}
        </Button>
      </Group>
      {file.error !== null && <Problem error={file.error} />}
      <Text size="sm" role="status" c={file.refused === null ? 'dimmed' : 'var(--mantine-color-error)'}>
        {file.refused ?? (file.name === null ? t('policy.importHint') : t('policy.imported', { name: file.name }))}
      </Text>

      <fieldset>
        <legend>{t('policy.mail')}</legend>
        <div className="pair">
          <Select
            label={t('policy.severity')}
            description={t('policy.severityHint')}
            allowDeselect={false}
            data={SEVERITIES.map((severity) => ({ value: severity, label: t(`domain.state.${severity}`) }))}
            value={values.maxSeverity}
            onChange={(next) => change({ maxSeverity: SEVERITIES.find((one) => one === next) ?? values.maxSeverity })}
          />
          <NumberInput
            label={t('policy.score')}
            description={t('policy.scoreHint')}
            min={0}
            max={100}
            allowDecimal={false}
            value={values.minScore}
            error={said('minScore')}
            onChange={(next) => change({ minScore: typedNumber(next) })}
          />
        </div>
        <Checkbox.Group
          label={t('policy.authentication')}
          description={t('policy.authenticationHint')}
          value={values.requireAuthentication}
          onChange={(next) => change({ requireAuthentication: MECHANISMS.filter((one) => next.includes(one)) })}
        >
          <Group gap="lg" mt="xs">
            {MECHANISMS.map((one) => (
              <Checkbox key={one} value={one} label={one.toUpperCase()} />
            ))}
          </Group>
        </Checkbox.Group>
        <AcceptedFindings value={values.ignore} onChange={(ignore) => change({ ignore })} />
        <div className="pair">
          {(['rspamd', 'spamassassin'] as const).map((filter) => (
            <NumberInput
              key={filter}
              label={t('policy.filter', { filter: filter === 'rspamd' ? 'rspamd' : 'SpamAssassin' })}
              description={t('policy.filterHint')}
              placeholder={t('policy.notAsked')}
              step={0.5}
              value={values[filter]}
              onChange={(next) => change({ [filter]: typedNumber(next) })}
            />
          ))}
        </div>
      </fieldset>

      <Divider />

      <fieldset>
        <legend>{t('policy.placement')}</legend>
        <Radio.Group
          aria-label={t('policy.placement')}
          value={values.testNeeded ? 'needed' : 'wished'}
          onChange={(next) => change({ testNeeded: next === 'needed' })}
        >
          <Stack gap="sm">
            <Radio
              value="wished"
              label={t('policy.testWished')}
              description={t('policy.testWishedHint', { rate: format.percent(defaults.placementRate) })}
            />
            <Radio value="needed" label={t('policy.testNeeded')} description={t('policy.testNeededHint')} />
          </Stack>
        </Radio.Group>
        {values.testNeeded && <PolicyRates values={values} said={said} onChange={change} />}
        <Radio.Group
          label={t('policy.by')}
          value={values.inboxRateBy}
          onChange={(next) => change({ inboxRateBy: RATES_BY.find((one) => one === next) ?? values.inboxRateBy })}
        >
          <Stack gap="sm" mt="xs">
            {RATES_BY.map((by) => (
              <Radio key={by} value={by} label={t(`policy.byIs.${by}`)} description={t(`policy.byHint.${by}`)} />
            ))}
          </Stack>
        </Radio.Group>
      </fieldset>

      {save.error && <Problem error={save.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending}>
          {t('policy.save')}
        </Button>
      </Group>
    </form>
  );
}

/** Chosen by what they say. One that this version does not know (a file may name it) is shown by its id. */
function AcceptedFindings({ value, onChange }: { value: string[]; onChange: (ids: string[]) => void }) {
  const { t } = useTranslation();
  const { words, error, refetch } = useCampaignWords();
  const groups = useMemo(() => {
    const known = words?.catalogue() ?? [];
    const unknown = value.filter((id) => !known.some((one) => one.id === id)).map((id) => ({ value: id, label: id }));
    return [
      ...[...Map.groupBy(known, ({ check }) => check)].map(([check, findings]) => ({
        group: words?.check(check) ?? check,
        items: findings.map(({ id, title }) => ({ value: id, label: title })),
      })),
      ...(unknown.length > 0 ? [{ group: t('policy.unknownFindings'), items: unknown }] : []),
    ];
  }, [words, value, t]);
  if (error) return <Problem error={error} onRetry={refetch} />;
  return (
    <MultiSelect
      label={t('policy.accepted')}
      description={t('policy.acceptedHint')}
      placeholder={value.length === 0 ? t('policy.acceptedNone') : ''}
      disabled={words === null}
      data={groups}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      hidePickedOptions
      maxValues={200}
      nothingFoundMessage={t('list.nothingFound')}
      value={value}
      onChange={onChange}
    />
  );
}
