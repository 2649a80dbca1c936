/** Seeds from a spreadsheet, as a page of its own; the guide asks in the same words. What was added is tried at once. */

import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../components/page.tsx';
import { CheckMany } from './check-many.tsx';
import { SeedCsv } from './csv.tsx';

export function ImportSeeds() {
  const { t } = useTranslation();
  const [added, setAdded] = useState<readonly { id: string; address: string }[]>([]);
  return (
    <Page title={t('seed.importTitle')} parents={[{ label: t('nav.seeds'), to: '/seeds' }]} lead={t('seed.importLead')}>
      {added.length > 0 && (
        <section className="panel" aria-label={t('accounts.checking')}>
          <CheckMany key={added[0]?.id} seeds={added}>
            <Button component={Link} to="/seeds" variant="default">
              {t('accounts.toSeeds')}
            </Button>
          </CheckMany>
        </section>
      )}
      <section className="panel">
        <SeedCsv onAdded={setAdded} />
      </section>
    </Page>
  );
}
