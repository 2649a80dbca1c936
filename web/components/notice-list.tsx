/** The notes themselves; fetched by notices.tsx when the first one is to be shown, and imported by nobody else. */
import '@mantine/notifications/styles.css';
import { Notifications, showNotification } from '@mantine/notifications';
import { getI18n } from 'react-i18next';

export function NoticeList() {
  return <Notifications position="bottom-right" />;
}

export function showNotice(message: string): void {
  showNotification({ message, closeButtonProps: { 'aria-label': getI18n().t('action.close') } });
}
