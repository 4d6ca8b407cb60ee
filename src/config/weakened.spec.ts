import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config.js';
import { weakenedBy } from './weakened.js';

/** Every place where a switch that weakens may stand, as the configuration has it. */
function switches(config: object, path: readonly string[] = []): string[] {
  return Object.entries(config).flatMap(([key, value]: [string, unknown]) => {
    const here = [...path, key];
    if (typeof value === 'object' && value !== null) return switches(value, here);
    return key.startsWith('insecure') ? [here.join('.')] : [];
  });
}

describe('X-30 what weakens an installation', () => {
  const PRODUCTION = { ROLLCALL_ENV: 'production', ROLLCALL_SERVER_PUBLIC_URL: 'https://rollcall.acme.example' };

  it('is off in production and by default', () => {
    expect(weakenedBy(loadConfig(PRODUCTION))).toEqual([]);
    expect(weakenedBy(loadConfig({}))).toEqual(['mail.insecureShowLinks']);
  });

  it('is told by its place, each of them', () => {
    const places = switches(loadConfig(PRODUCTION));
    expect(places).toEqual(expect.arrayContaining(['identityProviders.insecureLoopback', 'mail.insecurePlaintext']));
    for (const place of places) {
      const name = place
        .replace(/[A-Z]/gu, (letter) => `_${letter}`)
        .replaceAll('.', '_')
        .toUpperCase();
      expect(weakenedBy(loadConfig({ ...PRODUCTION, [`ROLLCALL_${name}`]: 'true' }))).toEqual([place]);
    }
  });
});
