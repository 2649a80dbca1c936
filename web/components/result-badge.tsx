/** What an authentication check said: an RFC 8601 word with its sign, since colour alone says nothing to many. */
import {
  IconCircleCheckFilled,
  IconHelpHexagon,
  IconHourglassLow,
  IconSquareRoundedXFilled,
} from '@tabler/icons-react';
import { useScheme } from '../charts/palette.ts';
import { SIGN_TONES, signOf } from '../outcomes.ts';
import { useWords } from '../words.ts';

export function ResultBadge({ result }: { result: string }) {
  const words = useWords();
  const scheme = useScheme();
  const sign = signOf(result);
  const { text, wash, fill } = SIGN_TONES[sign][scheme];
  const Sign = {
    pass: IconCircleCheckFilled,
    fail: IconSquareRoundedXFilled,
    neutral: IconHelpHexagon,
    temporary: IconHourglassLow,
  }[sign];
  return (
    <span className="badge" style={{ color: text, backgroundColor: wash }} title={words(result, {}, 'results').meaning}>
      <span className="mark" style={{ color: fill }}>
        <Sign size={14} aria-hidden />
      </span>
      {result}
    </span>
  );
}
