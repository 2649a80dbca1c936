/**
 * Where the pages begin. The colour scheme is set on the document before React draws anything, from here and not from an inline script,
 * because the server's content security policy allows none.
 */
import '@mantine/core/styles.css';
import './style.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, whenSignedOut } from './api.ts';
import { Notices } from './components/notices.tsx';
import { startLanguage } from './language.ts';
import { makeRouter } from './router.tsx';
import { theme, variables } from './theme.ts';

const schemes = localStorageColorSchemeManager({ key: 'todoku-colour-scheme' });
const wanted = schemes.get('auto');
document.documentElement.dataset.mantineColorScheme =
  wanted === 'auto' ? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') : wanted;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      // A wrong request stays wrong; a server that is restarting comes back.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
  },
});
const router = makeRouter(client);
whenSignedOut(() => {
  const here = router.state.location;
  if (here.pathname === '/sign-in' || here.pathname === '/set-password') return;
  client.clear();
  void router.navigate({ to: '/sign-in', search: { to: here.href } });
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
// Who is signed in and the files of the page come on the line together with the words, not after them.
void router.load();
try {
  await startLanguage();
} catch (error) {
  // There are no words to say it with, so it is said in both languages, and whatever the look.
  root.replaceChildren(
    'Todoku could not be loaded. Please reload the page in a moment.',
    document.createElement('br'),
    'Todokuを読み込めませんでした。しばらくしてから再読み込みしてください。',
  );
  throw error;
}
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
    >
      <QueryClientProvider client={client}>
        <Notices />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
