/** Where a domain is added, and where what is known of it is changed. */
import { Anchor, Button, Group, Skeleton, TagsInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DomainDetailsJson } from '../../../server/api/json/domains.ts';
import { ApiError, api } from '../../api.ts';
import { fieldErrors } from '../../components/form.ts';
import { Page, Problem } from '../../components/page.tsx';
import { shownName } from './name.ts';
import { DOMAIN_FIELDS, type DomainValues, domainIn, isDomain, isIp, isSelector } from './values.ts';

const route = getRouteApi('/inside/domains/$id/edit');
const PARENT = '/domains';
const EXAMPLE = 'example.com';

export function NewDomain() {
  const { t } = useTranslation();
  return (
    <Page
      title={t('domain.form.title')}
      parents={[{ label: t('nav.domains'), to: PARENT }]}
      lead={t('domain.form.lead')}
    >
      <DomainForm domain={null} />
    </Page>
  );
}

export function EditDomain() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const domain = useQuery({ queryKey: ['domains', id], queryFn: () => api.domains.read(id) });
  const { name } = shownName(domain.data?.name ?? '');
  return (
    <Page
      title={domain.data ? t('domain.form.editTitle', { name }) : t('domain.word')}
      parents={[
        { label: t('nav.domains'), to: PARENT },
        ...(domain.data ? [{ label: name, to: `${PARENT}/${id}` }] : []),
      ]}
      lead={t('domain.form.editLead')}
    >
      {domain.error && !domain.data && <Problem error={domain.error} onRetry={() => void domain.refetch()} />}
      {domain.isPending && <Skeleton height={320} className="form" radius="md" />}
      {domain.data && <DomainForm key={id} domain={domain.data} />}
    </Page>
  );
}

function DomainForm({ domain }: { domain: DomainDetailsJson | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm<DomainValues>({
    validateInputOnBlur: ['name'],
    // What is typed is taken over as the field is left, after it was looked at.
    validateInputOnChange: ['selectors', 'ips'],
    initialValues: { name: '', selectors: domain?.selectors ?? [], ips: domain?.ips ?? [] },
    validate: {
      name: (value) => (domain !== null || isDomain(domainIn(value)) ? null : t('domain.form.nameInvalid')),
      selectors: (values) => {
        const wrong = values.find((value) => !isSelector(value));
        return wrong === undefined ? null : t('domain.form.selectorInvalid', { value: wrong });
      },
      ips: (values) => {
        const wrong = values.find((value) => !isIp(value));
        return wrong === undefined ? null : t('domain.form.ipInvalid', { value: wrong });
      },
    },
  });
  const save = useMutation({
    mutationFn: ({ name, selectors, ips }: DomainValues) =>
      domain === null
        ? api.domains.create({ name: domainIn(name), selectors, ips })
        : api.domains.change(domain.id, { selectors, ips }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['domains'] });
      await navigate({ to: '/domains/$id', params: { id } });
    },
    onError: (error) => form.setErrors(fieldErrors(error, DOMAIN_FIELDS) ?? {}),
  });
  const known =
    save.error instanceof ApiError && save.error.code === 'conflict' && typeof save.error.detail.id === 'string'
      ? save.error.detail.id
      : null;
  const list = (field: 'selectors' | 'ips') => ({
    ...form.getInputProps(field),
    // What was typed and not taken over counts too.
    acceptValueOnBlur: true,
    splitChars: [',', ' ', '、', ';'],
    maxTags: field === 'ips' ? 20 : 50,
    autoCapitalize: 'none',
    autoCorrect: 'off',
    spellCheck: false,
    classNames: { input: 'mono' },
  });
  return (
    <form className="form" noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <div className="form-section">
        {domain === null && (
          <TextInput
            label={t('domain.form.name')}
            description={t('domain.form.nameHint')}
            placeholder={EXAMPLE}
            inputMode="url"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            data-autofocus
            required
            {...form.getInputProps('name')}
          />
        )}
        <TagsInput
          label={t('domain.form.selectors')}
          description={t('domain.form.selectorsHint')}
          {...list('selectors')}
        />
        <TagsInput label={t('domain.form.ips')} description={t('domain.form.ipsHint')} {...list('ips')} />
        {known !== null ? (
          <Text role="alert">
            {t('domain.form.known', { name: domainIn(form.values.name) })}{' '}
            <Anchor component={Link} to={`/domains/${known}`}>
              {t('domain.form.toKnown')}
            </Anchor>
          </Text>
        ) : (
          save.error && !fieldErrors(save.error, DOMAIN_FIELDS) && <Problem error={save.error} />
        )}
        <Group gap="xs">
          <Button type="submit" loading={save.isPending}>
            {domain === null ? t('domain.form.submit') : t('domain.form.save')}
          </Button>
          <Button component={Link} to={domain === null ? PARENT : `${PARENT}/${domain.id}`} variant="default">
            {t('action.cancel')}
          </Button>
        </Group>
      </div>
    </form>
  );
}
