/** On an overview with nothing to show: a newcomer is led to the guide at once, whoever left it finds the way back. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';

/** Of this tab. Once is an offer, twice is a trap: the overview can be looked at while the guide is open. */
let wasOpened = false;

/** @param fresh nothing was set up yet */
export function GuideOpener({ fresh }: { fresh: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data } = useQuery({ queryKey: ['settings'], queryFn: api.settings.read });
  const leads = fresh && data?.guide === 'open';
  useEffect(() => {
    if (!leads || wasOpened) return;
    wasOpened = true;
    void navigate({ to: '/guide', replace: true });
  }, [leads, navigate]);
  if (!data) return null;
  return (
    <Button component={Link} to="/guide" mt="xs">
      {t(fresh ? 'first.guideBegin' : 'first.guideGoOn')}
    </Button>
  );
}
