import Bowser from 'bowser';

/** Of what browsers call themselves, no more is worth looking at. */
const LONGEST = 300;

/** A device in words that its owner recognises: `Chrome on macOS`. What nobody knows is an unknown device. */
export function deviceOf(userAgent: string): string {
  if (userAgent.trim() === '') return 'Unknown device';
  const { browser, os } = Bowser.parse(userAgent.slice(0, LONGEST));
  const named = [browser.name, os.name].filter((name) => name !== undefined && name !== '');
  return named.length === 0 ? 'Unknown device' : named.join(' on ');
}
