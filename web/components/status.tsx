/** How a sender, seed or monitor is doing, as one word with a sign. */
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconPlayerPauseFilled,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useScheme } from '../charts/palette.ts';
import { SIGN_TONES } from '../outcomes.ts';

const SIGNS = {
  good: { Icon: IconCircleCheckFilled, sign: 'pass' },
  bad: { Icon: IconAlertTriangleFilled, sign: 'fail' },
  warn: { Icon: IconAlertTriangleFilled, sign: 'temporary' },
  paused: { Icon: IconPlayerPauseFilled, sign: 'neutral' },
  none: { Icon: IconCircleDashed, sign: 'neutral' },
} as const;

export function Status({
  kind,
  children,
  title,
}: {
  kind: keyof typeof SIGNS;
  children: ReactNode;
  title?: string | undefined;
}) {
  const scheme = useScheme();
  const { Icon, sign } = SIGNS[kind];
  const { fill, text, wash } = SIGN_TONES[sign][scheme];
  return (
    <span className="badge" style={{ color: text, backgroundColor: wash }} title={title}>
      <span className="mark" style={{ color: fill }}>
        <Icon size={14} aria-hidden />
      </span>
      {children}
    </span>
  );
}
