/**
 * The palette as a canvas needs it. A canvas cannot read CSS, so the colours of the page are given here once more for both schemes,
 * and hatching is a pattern that is drawn once.
 */
import { useComputedColorScheme } from '@mantine/core';
import { isHatched, type Scheme, tone, type Verdict } from '../outcomes.ts';

export type Surface = {
  text: string;
  muted: string;
  grid: string;
  back: string;
  /** Behind what is pointed at. */
  wash: string;
  tooltipBack: string;
  tooltipText: string;
};

const SURFACES: Record<Scheme, Surface> = {
  light: {
    text: '#25252d',
    muted: '#5f5f6b',
    grid: '#e7e7ea',
    back: '#ffffff',
    wash: '#25252d12',
    tooltipBack: '#25252d',
    tooltipText: '#ffffff',
  },
  dark: {
    text: '#ececf0',
    muted: '#a6a6b2',
    grid: '#34343c',
    back: '#1d1d22',
    wash: '#ececf01c',
    tooltipBack: '#ececf0',
    tooltipText: '#1b1b20',
  },
};

export function surface(scheme: Scheme): Surface {
  return SURFACES[scheme];
}

/** How every tooltip looks: dark on light paper, light on dark. */
export function tooltipLook(scheme: Scheme) {
  const { tooltipBack, tooltipText } = SURFACES[scheme];
  return { backgroundColor: tooltipBack, titleColor: tooltipText, bodyColor: tooltipText, footerColor: tooltipText };
}

export function useScheme(): Scheme {
  return useComputedColorScheme('light', { getInitialValueInEffect: false });
}

const patterns = new Map<string, CanvasPattern>();

/** What to fill an area of a verdict with: its colour, or its hatching. */
export function fillOf(verdict: Verdict, scheme: Scheme): string | CanvasPattern {
  const { fill } = tone(verdict, scheme);
  if (!isHatched(verdict)) return fill;
  const key = `${verdict} ${scheme}`;
  const kept = patterns.get(key);
  if (kept) return kept;
  const tile = document.createElement('canvas');
  tile.width = 6;
  tile.height = 6;
  const pen = tile.getContext('2d');
  if (!pen) return fill;
  pen.fillStyle = tone(verdict, scheme).wash;
  pen.fillRect(0, 0, 6, 6);
  pen.strokeStyle = fill;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(-1, 7);
  pen.lineTo(7, -1);
  pen.moveTo(-2, 2);
  pen.lineTo(2, -2);
  pen.moveTo(4, 8);
  pen.lineTo(8, 4);
  pen.stroke();
  const pattern = pen.createPattern(tile, 'repeat');
  if (!pattern) return fill;
  patterns.set(key, pattern);
  return pattern;
}
