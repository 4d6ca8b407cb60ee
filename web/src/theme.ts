import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** From paper to ink, around the green of the mark. */
const PINE: MantineColorsTuple = [
  '#e9f6f2',
  '#d3ebe4',
  '#a6d8ca',
  '#75c3af',
  '#4fb298',
  '#33a489',
  '#178f75',
  '#0b6e5c',
  '#085a4b',
  '#04453a',
];

/** A little greener and softer than black: text on it stays easy to read at night. */
const NIGHT: MantineColorsTuple = [
  '#e4eae8',
  '#c3ccc9',
  '#a3afab',
  '#7d8a86',
  '#4a5754',
  '#36423f',
  '#28322f',
  '#1c2422',
  '#141b19',
  '#0d1211',
];

export const theme = createTheme({
  primaryColor: 'pine',
  colors: { pine: PINE, dark: NIGHT },
  primaryShade: { light: 7, dark: 7 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.625rem', lineHeight: '1.25' } } },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
});
