/** First: what the mail leaves by. A service is chosen, its help stands beside, and three fields later the real server has said yes or why not. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import type { SenderPresetId } from '../../../server/sender/types.ts';
import { CheckAnswer, SecretField, UserField } from '../../components/account-fields.tsx';
import { AccountHelp } from '../../components/account-help.tsx';
import { SenderCheckStory } from '../../components/check-story.tsx';
import { worksAsSender } from '../../guide.ts';
import { SENDER_HELP } from '../../help.ts';
import { useFormat } from '../../language.ts';
import { usePreferences } from '../../preferences.ts';
import { useSenderEditing } from '../senders/editing.ts';
import { SenderState } from '../senders/state.tsx';
import { MAY_ASK_NOBODY, type Service, senderName } from '../senders/values.ts';
import { Choices } from './choices.tsx';
import { ServerFields } from './server-fields.tsx';

type Props = { senders: readonly SenderJson[]; onNext: () => void };

export function SenderStep({ senders, onNext }: Props) {
  const { t } = useTranslation();
  // Null: the list of those that are there. A new form gets a key of its own.
  const [form, setForm] = useState<{ key: string; sender: SenderJson | null } | null>(
    senders.length === 0 ? { key: 'first', sender: null } : null,
  );
  const [edited, setEdited] = useState<string>();
  const works = senders.some(worksAsSender);
  return (
    <>
      {senders.length > 0 && (
        <ul className="guide-list" aria-label={t('guide.senders')}>
          {senders.map((sender) => (
            <li key={sender.id}>
              <div className="break">
                <Text fw={600}>{sender.name}</Text>
                <Text size="sm" c="dimmed">
                  {sender.fromAddress}
                </Text>
              </div>
              <div>
                <SenderState sender={sender} />
              </div>
              {edited !== sender.id && (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => {
                    setForm({ key: sender.id, sender });
                    setEdited(sender.id);
                  }}
                >
                  {t('guide.correct')}
                  <span className="sr-only"> {sender.name}</span>
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {form && (
        <SenderFields
          key={form.key}
          sender={form.sender}
          taken={senders.map(({ name }) => name)}
          onCreated={(made) => setEdited(made.id)}
        />
      )}
      {senders.length > 0 && (
        <Group gap="xs">
          <Button
            variant={works ? 'filled' : 'default'}
            rightSection={<IconArrowRight size={16} aria-hidden />}
            onClick={onNext}
          >
            {t(works ? 'guide.next.seeds' : 'guide.nextAllTheSame')}
          </Button>
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              setForm({ key: `after ${senders.length}`, sender: null });
              setEdited(undefined);
            }}
          >
            {t('guide.anotherSender')}
          </Button>
        </Group>
      )}
    </>
  );
}

function SenderFields({
  sender,
  taken,
  onCreated,
}: {
  sender: SenderJson | null;
  taken: readonly string[];
  onCreated: (made: SenderJson) => void;
}) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const edit = useSenderEditing({
    sender,
    budget: 'of-service',
    onCreated: async (made) => {
      onCreated(made);
      return false;
    },
  });
  const { form, check, save, services, service } = edit;
  const [chosen, setChosen] = useState<SenderPresetId | null>(sender?.preset ?? null);
  const values = form.values;
  const nameOf = (one: Service): string => (one.id === 'own-server' ? t('sender.ownServer') : one.name[language]);
  const isOpen = chosen !== null && service?.id === chosen;
  const asksUser = isOpen && (service.user.kind === 'from-console' || MAY_ASK_NOBODY.has(chosen));
  const secret =
    service?.user.kind === 'fixed' ? 'key' : service?.auth === 'app-password' ? 'app-password' : 'password';
  return (
    <form
      className="guide-body"
      noValidate
      onSubmit={(event) => {
        // Whoever wants another name gives it one later: here it would be one more question.
        if (values.name === '' && service) form.setFieldValue('name', senderName(values, nameOf(service), taken));
        edit.submit(event);
      }}
    >
      <Choices
        legend={t('sender.preset')}
        name="service"
        value={chosen}
        options={services.map((one) => ({
          value: one.id,
          label: nameOf(one),
          note: one.auth === 'oauth2-only' ? t('guide.notYet') : undefined,
        }))}
        onChange={(value) => {
          setChosen(value);
          edit.choose(value);
        }}
      />
      {isOpen && <AccountHelp topics={SENDER_HELP[chosen]} notes={service.notes} />}
      {isOpen && service.auth !== 'oauth2-only' && (
        <Stack gap="md" className="guide-main">
          <div className="pair">
            <TextInput
              label={t('sender.fromAddress')}
              description={t('guide.fromHint')}
              type="email"
              autoComplete="off"
              required
              {...form.getInputProps('fromAddress')}
              onChange={(event) => edit.typeAddress(event.currentTarget.value)}
            />
            {asksUser && (
              <UserField
                form={form}
                description={MAY_ASK_NOBODY.has(chosen) ? t('sender.userHint') : t('guide.userFromConsole')}
              />
            )}
            <SecretField edit={edit} label={t(`guide.secret.${secret}`)} description={t('form.passwordStored')} />
          </div>
          <ServerFields
            protocol="smtp"
            form={form}
            unfolded={service.routes.length === 0}
            wrong={['host', 'port', 'security', 'user'].some((field) => field in form.errors)}
          >
            {!asksUser && <UserField form={form} />}
          </ServerFields>
          {service.id !== 'own-server' && (
            <Text size="sm" c="dimmed">
              {t('guide.limit', { limit: format.number(service.dailyLimit) })}
            </Text>
          )}
          <CheckAnswer
            edit={edit}
            busy={check.isPending || save.isPending}
            last={check.data}
            story={(last) => <SenderCheckStory check={last} />}
          />
          <Group gap="xs">
            <Button
              type="submit"
              variant={check.data?.ok ? 'default' : 'filled'}
              loading={save.isPending || check.isPending}
            >
              {t(check.data === undefined ? 'guide.checkAndSave' : 'check.again')}
            </Button>
          </Group>
        </Stack>
      )}
    </form>
  );
}
