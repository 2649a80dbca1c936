/**
 * A sender's form. A preset fills in what is known of a provider; the password goes in and never comes out; the check signs in without sending.
 */
import { Button, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { CheckAnswer, HostFields, SecretField, UserField } from '../../components/account-fields.tsx';
import { AccountHelp } from '../../components/account-help.tsx';
import { SenderCheckStory } from '../../components/check-story.tsx';
import { SENDER_HELP } from '../../help.ts';
import { usePreferences } from '../../preferences.ts';
import { useSenderEditing } from './editing.ts';

type Props = {
  sender: SenderJson | null;
  /** A new one begins with what this one has. */
  copyOf?: SenderJson | undefined;
  checkNow?: boolean;
};

export function SenderForm({ sender, copyOf, checkNow = false }: Props) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const navigate = useNavigate();
  const edit = useSenderEditing({
    sender,
    copyOf,
    checkNow,
    onCreated: async ({ id }) => {
      await navigate({ to: '/senders/$id', params: { id }, search: { check: true } });
      return true;
    },
  });
  const { form, check, save, services, service } = edit;
  const values = form.values;

  return (
    <form className="form" onSubmit={edit.submit} noValidate>
      <Stack gap="lg">
        <fieldset className="form-section">
          <legend>{t('sender.identity')}</legend>
          <Select
            label={t('sender.preset')}
            data={services.map((one) => ({
              value: one.id,
              label: one.id === 'own-server' ? t('sender.ownServer') : one.name[language],
            }))}
            value={edit.isLoading ? null : values.preset}
            allowDeselect={false}
            onChange={edit.choose}
          />
          {service && <AccountHelp topics={SENDER_HELP[service.id]} notes={service.notes} />}
          <div className="pair">
            <TextInput
              label={t('sender.name')}
              description={t('sender.nameHint')}
              required
              {...form.getInputProps('name')}
            />
            <TextInput
              label={t('sender.fromName')}
              description={t('sender.fromNameHint')}
              {...form.getInputProps('fromName')}
            />
          </div>
          <TextInput
            label={t('sender.fromAddress')}
            type="email"
            autoComplete="off"
            required
            {...form.getInputProps('fromAddress')}
            onChange={(event) => edit.typeAddress(event.currentTarget.value)}
          />
        </fieldset>
        <fieldset className="form-section">
          <legend>{t('sender.server')}</legend>
          <HostFields form={form} protocol="smtp" />
          <div className="pair">
            <UserField form={form} description={t('sender.userHint')} />
            <SecretField edit={edit} label={t('form.password')} description={t('form.appPassword')} />
          </div>
        </fieldset>
        <fieldset className="form-section">
          <legend>{t('sender.pace')}</legend>
          <div className="pair">
            <NumberInput
              label={t('sender.dailyLimit')}
              description={t('sender.dailyLimitHint')}
              min={1}
              allowDecimal={false}
              {...form.getInputProps('dailyLimit')}
            />
            <NumberInput
              label={t('sender.minGap')}
              description={t('sender.minGapHint')}
              min={0}
              decimalScale={1}
              {...form.getInputProps('minGapSeconds')}
            />
          </div>
        </fieldset>
        <CheckAnswer
          edit={edit}
          busy={check.isPending}
          last={check.data ?? sender?.check}
          story={(last) => <SenderCheckStory check={last} />}
        />
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {t('form.saveAndCheck')}
          </Button>
          {sender && (
            <Button
              variant="default"
              onClick={() => check.mutate(sender.id)}
              disabled={check.isPending || form.isDirty()}
            >
              {t('check.action')}
            </Button>
          )}
          <Button variant="subtle" color="gray" component={Link} to="/senders">
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
