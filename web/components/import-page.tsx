/** Seeds or senders from a spreadsheet, as a page of its own. What was added is tried at once. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Accounts, Named } from '../accounts.ts';
import { CheckMany } from './check-many.tsx';
import { ImportCsv } from './import-csv.tsx';
import { Page } from './page.tsx';

export function ImportPage({ of }: { of: Pick<Accounts, 'kind' | 'list' | 'check' | 'import' | 'example'> }) {
  const { t } = useTranslation();
  const [added, setAdded] = useState<readonly Named[]>([]);
  const list = `/${of.list}`;
  return (
    <Page
      title={t(`${of.kind}.importTitle`)}
      parents={[{ label: t(`nav.${of.list}`), to: list }]}
      lead={t(`imports.${of.kind}.lead`)}
    >
      {added.length > 0 && (
        <section className="panel" aria-label={t('accounts.checking')}>
          <CheckMany key={added[0]?.id} of={of} items={added}>
            <Button component={Link} to={list} variant="default">
              {t(`many.${of.kind}.back`)}
            </Button>
          </CheckMany>
        </section>
      )}
      <section className="panel">
        <ImportCsv of={of} onAdded={setAdded} />
      </section>
    </Page>
  );
}
