/** Each verdict has a sign of its own shape: colour alone says nothing to many. */
import { IconAlertTriangleFilled, IconCircleCheckFilled, IconHelpHexagon } from '@tabler/icons-react';

export const VERDICT_SIGNS = {
  go: { Icon: IconCircleCheckFilled, sign: 'pass' },
  'fix-first': { Icon: IconAlertTriangleFilled, sign: 'fail' },
  'not-enough-data': { Icon: IconHelpHexagon, sign: 'temporary' },
} as const;
