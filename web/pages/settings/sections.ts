/** The sections of the settings, each with an address of its own: the one list that their navigation and the search go by. */
import {
  IconArchive,
  IconDatabaseExport,
  IconDeviceTv,
  IconInfoCircle,
  IconKey,
  IconLock,
  IconPalette,
} from '@tabler/icons-react';

export const SECTIONS = [
  { to: '/settings', key: 'display', Icon: IconPalette },
  { to: '/settings/access', key: 'access', Icon: IconLock },
  { to: '/settings/tokens', key: 'tokens', Icon: IconKey },
  { to: '/settings/retention', key: 'retention', Icon: IconArchive },
  { to: '/settings/backups', key: 'backups', Icon: IconDatabaseExport },
  { to: '/settings/walls', key: 'walls', Icon: IconDeviceTv },
  { to: '/settings/about', key: 'about', Icon: IconInfoCircle },
] as const;
