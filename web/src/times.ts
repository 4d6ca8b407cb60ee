/** In the words and the time zone of whoever reads. */
const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const STEPS: readonly [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
];

export function timeOf(instant: string): string {
  return CLOCK.format(new Date(instant));
}

/** `just now`, `3 hours ago`, `yesterday`. */
export function agoOf(instant: string, now: number = Date.now()): string {
  let much = Math.max(0, Math.round((now - Date.parse(instant)) / 60_000));
  if (much < 2) return 'just now';
  for (const [most, unit] of STEPS) {
    if (much < most) return AGO.format(-much, unit);
    much = Math.round(much / most);
  }
  return AGO.format(-much, 'year');
}
