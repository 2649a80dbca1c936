/** A mail written or pasted by hand, with what it looks like beside it as one types. Saved, it is audited at once. */
import { Button, Group, Skeleton, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignJson } from '../../../server/api/json/campaigns.ts';
import { campaignApi } from '../../campaign-api.ts';
import { fieldErrors } from '../../components/form.ts';
import { MailView } from '../../components/mail-view.tsx';
import { Page, Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import './campaigns.css';
import { type DraftFault, type DraftValues, draftFaults, draftOf, previewable, valuesOf } from './draft-values.ts';
import { PolicyChoice } from './policy-choice.tsx';
import type { Policy } from './policy-values.ts';

const edited = getRouteApi('/inside/campaigns/$id/draft');
const FIELDS = ['from', 'fromName', 'replyTo', 'subject', 'html', 'text', 'listUnsubscribe'];
/** After the last key, so that not every letter is asked about. */
const TYPED_MS = 400;

export function NewDraft() {
  const { t } = useTranslation();
  return (
    <Page
      title={t('campaign.draft')}
      parents={[{ label: t('nav.campaigns'), to: '/campaigns' }]}
      lead={t('campaign.draftLead')}
    >
      <DraftForm campaign={null} />
    </Page>
  );
}

export function EditDraft() {
  const { t } = useTranslation();
  const { id } = edited.useParams();
  const campaign = useQuery({ queryKey: ['campaigns', id], queryFn: () => campaignApi.campaigns.read(id) });
  const parents = [
    { label: t('nav.campaigns'), to: '/campaigns' },
    ...(campaign.data ? [{ label: campaign.data.name, to: `/campaigns/${id}` }] : []),
  ];
  return (
    <Page title={t('campaign.draft')} parents={parents} lead={t('campaign.draftLead')}>
      {campaign.data ? (
        <DraftForm campaign={campaign.data} />
      ) : campaign.error ? (
        <Problem error={campaign.error} onRetry={() => void campaign.refetch()} />
      ) : (
        <RowsSkeleton rows={8} />
      )}
    </Page>
  );
}

function DraftForm({ campaign }: { campaign: CampaignJson | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const said = (fault: DraftFault | undefined) => (fault === undefined ? null : t(`campaign.fault.${fault}`));
  const check = (field: keyof DraftValues) => (_: string, all: DraftValues) => said(draftFaults(all)[field]);
  const form = useForm<DraftValues>({
    validateInputOnBlur: true,
    initialValues: valuesOf(campaign?.draft ?? null),
    validate: {
      from: check('from'),
      replyTo: check('replyTo'),
      subject: check('subject'),
      html: check('html'),
      listUnsubscribe: check('listUnsubscribe'),
    },
  });
  const [policy, setPolicy] = useState<Policy | null>(campaign?.ownPolicy ? campaign.policy : null);
  const save = useMutation({
    mutationFn: async (values: DraftValues) => {
      const saved =
        campaign === null
          ? await campaignApi.campaigns.create({ ...draftOf(values), ...(policy === null ? {} : { policy }) })
          : await campaignApi.campaigns.change(campaign.id, { draft: draftOf(values), policy });
      return campaignApi.campaigns.audit(saved.id, {});
    },
    onSuccess: async (audit) => {
      client.setQueryData(['audits', audit.id], audit);
      await client.invalidateQueries({ queryKey: ['campaigns'] });
      await navigate({ to: '/audits/$id', params: { id: audit.id } });
    },
    onError: (error) => {
      const found = fieldErrors(error, FIELDS);
      if (found) form.setErrors(found);
    },
  });
  const shownError = save.error && !fieldErrors(save.error, FIELDS) ? save.error : null;
  return (
    <div className="draft">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <Stack gap="md">
          <div className="pair">
            <TextInput
              label={t('campaign.from')}
              required
              type="email"
              autoComplete="off"
              {...form.getInputProps('from')}
            />
            <TextInput label={t('campaign.fromName')} autoComplete="off" {...form.getInputProps('fromName')} />
          </div>
          <TextInput label={t('word.subject')} required maxLength={998} {...form.getInputProps('subject')} />
          <Textarea
            label={t('campaign.html')}
            description={t('campaign.htmlHint')}
            autosize
            minRows={8}
            maxRows={24}
            spellCheck={false}
            classNames={{ input: 'code-field' }}
            {...form.getInputProps('html')}
          />
          <Textarea
            label={t('campaign.text')}
            description={t('campaign.textHint')}
            autosize
            minRows={5}
            maxRows={18}
            {...form.getInputProps('text')}
          />
          <details className="fact-more">
            <summary>{t('campaign.moreHeaders')}</summary>
            <Stack gap="md" mt="xs">
              <TextInput label={t('campaign.replyTo')} type="email" {...form.getInputProps('replyTo')} />
              <TextInput
                label={t('campaign.unsubscribe')}
                description={t('campaign.unsubscribeHint')}
                type="url"
                {...form.getInputProps('listUnsubscribe')}
              />
            </Stack>
          </details>
          <PolicyChoice draft value={policy} onChange={setPolicy} />
          {shownError && <Problem error={shownError} />}
          <Group gap="xs">
            <Button type="submit" loading={save.isPending}>
              {t('campaign.saveAndAudit')}
            </Button>
            <Button
              component={Link}
              to={campaign === null ? '/campaigns' : `/campaigns/${campaign.id}`}
              variant="default"
              disabled={save.isPending}
            >
              {t('action.cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
      <DraftPreview values={form.values} />
    </div>
  );
}

/** As the server opens and cleans it: the same as for a mail that came in. */
function DraftPreview({ values }: { values: DraftValues }) {
  const { t } = useTranslation();
  const [typed] = useDebouncedValue(values, TYPED_MS);
  const body = previewable(typed);
  const nothing = body.html === undefined && body.text === undefined;
  const preview = useQuery({
    queryKey: ['draft-previews', body],
    queryFn: ({ signal }) => campaignApi.campaigns.previewDraft(body, signal),
    enabled: !nothing,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  return (
    <div className="draft-preview">
      <Panel title={t('preview.tab')}>
        <p className="inbox-line">
          <strong>
            <bdi>{typed.fromName.trim() || typed.from.trim() || t('campaign.from')}</bdi>
          </strong>
          <span>
            <bdi>{typed.subject.trim() || t('word.subject')}</bdi>
          </span>
        </p>
        {nothing ? (
          <Text c="dimmed">{t('campaign.previewEmpty')}</Text>
        ) : preview.error && !preview.data ? (
          <Problem error={preview.error} onRetry={() => void preview.refetch()} />
        ) : preview.data ? (
          <MailView key={preview.data.html === null ? 'text' : 'html'} preview={preview.data} />
        ) : (
          <Skeleton height={520} />
        )}
      </Panel>
    </div>
  );
}
