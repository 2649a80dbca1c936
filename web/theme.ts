/**
 * The look of everything that is not an outcome: quiet paper, one ink for what can be pressed. Colours of outcomes live in
 * outcomes.ts and nowhere else, so that a button can never be mistaken for a verdict.
 */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The first fonts that a reader's own system has, Japanese among them: nothing is fetched from anywhere. */
export const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Hiragino Kaku Gothic ProN", "BIZ UDPGothic", "Yu Gothic UI", Meiryo, "Noto Sans JP", "Noto Sans CJK JP", sans-serif';
export const MONO_FONTS =
  'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "BIZ UDGothic", "Noto Sans Mono CJK JP", monospace';

const ink: MantineColorsTuple = [
  '#f1f1fb',
  '#dfdff2',
  '#bdbce6',
  '#9997da',
  '#7b78cf',
  '#6865c9',
  '#5451b8',
  '#46439f',
  '#3d3a8c',
  '#312e73',
];

/** Greys with a little of the ink's blue, for the dark scheme. */
const dark: MantineColorsTuple = [
  '#ececf0',
  '#c9c9d1',
  '#a6a6b2',
  '#70707c',
  '#4a4a55',
  '#32323a',
  '#26262d',
  '#1d1d22',
  '#18181d',
  '#141418',
];

/** Mantine's own variables, darkened or lightened until every text has a contrast of 4.5 on what it stands on (WCAG 2.2, 1.4.3). */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5f5f6b',
    '--mantine-color-text': '#25252d',
    '--mantine-color-default-border': '#c9c9d0',
    '--mantine-color-placeholder': '#70707c',
    '--mantine-color-error': '#b42025',
    '--mantine-color-anchor': '#46439f',
    '--mantine-color-red-text': '#b42025',
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-filled-hover': '#b42025',
  },
  dark: {
    '--mantine-color-dimmed': '#a6a6b2',
    '--mantine-color-placeholder': '#9a9aa6',
    '--mantine-color-error': '#ff9c9f',
    '--mantine-color-anchor': '#b3b1ee',
    '--mantine-color-red-text': '#ff9c9f',
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-filled-hover': '#b42025',
  },
});

export const theme = createTheme({
  fontFamily: FONTS,
  fontFamilyMonospace: MONO_FONTS,
  colors: { ink, dark },
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  luminanceThreshold: 0.36,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.35' },
      h2: { fontSize: '1rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  // What a screen reader hears and a keyboard sees is the same in every field.
  focusRing: 'auto',
  respectReducedMotion: true,
});
