/** The frame of the settings: what there is to set, section by section, and the way out. */
import { Button } from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { Page } from '../../components/page.tsx';
import { SECTIONS } from './sections.ts';

export function Settings() {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const section = SECTIONS.find(({ to }) => to === path.replace(/\/$/, ''));
  return (
    <Page
      title={t('nav.settings')}
      windowTitle={section && `${t(`settings.section.${section.key}`)} · ${t('nav.settings')}`}
      actions={<SignOut />}
    >
      <div className="settings">
        <nav aria-label={t('settings.sections')} className="settings-nav">
          {SECTIONS.map(({ to, key, Icon }) => (
            <Link key={to} to={to} className="nav-link" activeOptions={{ exact: true }} resetScroll={false}>
              <Icon size={18} stroke={1.75} aria-hidden />
              {t(`settings.section.${key}`)}
            </Link>
          ))}
        </nav>
        <div className="settings-section">
          <Outlet />
        </div>
      </div>
    </Page>
  );
}

function SignOut() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const out = useMutation({
    mutationFn: api.session.signOut,
    onSuccess: async () => {
      await navigate({ to: '/sign-in' });
      client.clear();
    },
  });
  return (
    <Button
      variant="default"
      leftSection={<IconLogout size={16} aria-hidden />}
      loading={out.isPending}
      onClick={() => out.mutate()}
    >
      {t('settings.signOut')}
    </Button>
  );
}
