import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { loadConfig } from './load-config.js';
import { weakenedBy } from './weakened.js';

const PRODUCTION = { ROLLCALL_ENV: 'production', ROLLCALL_SERVER_PUBLIC_URL: 'https://rollcall.acme.example' };

function variableOf(place: string): string {
  const name = place.replace(/[A-Z]/gu, (letter) => `_${letter}`).replaceAll('.', '_');
  return `ROLLCALL_${name.toUpperCase()}`;
}

/** Every setting there is, with what it is by default in production. */
function settingsOf(config: object, path: readonly string[] = []): [string, unknown][] {
  return Object.entries(config).flatMap(([key, value]: [string, unknown]): [string, unknown][] => {
    const here = [...path, key];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return settingsOf(value, here);
    return [[here.join('.'), value]];
  });
}

const settings = settingsOf(loadConfig(PRODUCTION));
const placesOf = (so: (place: string, value: unknown) => boolean): string[] =>
  settings.filter(([place, value]) => so(place, value)).map(([place]) => place);
const isInsecure = (place: string): boolean => place.split('.').at(-1)?.startsWith('insecure') === true;

/** Switches and lists that were looked at: why they weaken nothing. Whatever is added is looked at, or fails. */
const HARMLESS: Record<string, string> = {
  'server.docs': 'shows what docs/openapi.json says, and nothing of anybody',
  'server.trustedProxies': 'whom to believe an address from, each by its own; nobody by default',
  'log.pretty': 'how lines look; what is taken out of them is taken out of both',
  'schedule.enabled': 'this instance starts no runs',
  'secretKey.previous': 'keys that open what is sealed, and seal nothing',
};
const OPENS = ['outbound.allowedHosts', 'identityProviders.allowedHosts'];
/** Texts: places, addresses, secrets and names. None of them chooses between a safe way and another. */
const TEXTS = [
  ...['server.host', 'server.publicUrl', 'server.securityContact', 'server.metricsHost', 'log.level', 'data.folder'],
  ...['database.url', 'database.migrateUrl', 'database.workerUrl', 'secretKey.value', 'secretKey.file'],
  ...['mail.smtpUrl', 'mail.from', 'audit.headsFile'],
];

describe('X-30 what weakens an installation', () => {
  it('is off in production and by default', () => {
    expect(weakenedBy(loadConfig(PRODUCTION))).toEqual([]);
    expect(weakenedBy(loadConfig({}))).toEqual(['mail.insecureShowLinks']);
  });

  it('is told by its place, each of them', () => {
    const places = placesOf(isInsecure);
    expect(places).toEqual(expect.arrayContaining(['identityProviders.insecureLoopback', 'mail.insecurePlaintext']));
    for (const place of [...places, 'connectors.okta.insecureLoopback'])
      expect(weakenedBy(loadConfig({ ...PRODUCTION, [variableOf(place)]: 'true' }))).toEqual([place]);
    for (const place of OPENS)
      expect(weakenedBy(loadConfig({ ...PRODUCTION, [variableOf(place)]: 'gateway.acme.example' }))).toEqual([place]);
  });

  it('is called so: every switch and every list is, or was looked at and weakens nothing', () => {
    const switches = placesOf((_place, value) => typeof value === 'boolean' || Array.isArray(value));
    expect(switches.filter((place) => !isInsecure(place) && !OPENS.includes(place)).sort()).toEqual(
      Object.keys(HARMLESS).sort(),
    );
  });

  it('is no number: each has an end that it cannot pass', () => {
    const numbers = placesOf((_place, value) => typeof value === 'number');
    expect(numbers.length).toBeGreaterThan(40);
    const endless = numbers.filter((place) => {
      try {
        loadConfig({ ...PRODUCTION, [variableOf(place)]: '99999999999' });
        return true;
      } catch {
        return false;
      }
    });
    expect(endless).toEqual([]);
  });

  it('is no text: each was looked at', () => {
    expect(placesOf((_place, value) => value === null || typeof value === 'string').sort()).toEqual([...TEXTS].sort());
  });

  it('is written down where all settings are, with the warning that comes at each start', () => {
    const lines = readFileSync('config/default.yaml', 'utf8').split('\n');
    for (const place of [...placesOf(isInsecure), ...OPENS]) {
      const [section = '', key = ''] = place.split('.');
      const from = lines.indexOf(`${section}:`);
      const at = lines.findIndex((line, index) => index > from && line.startsWith(`  ${key}:`));
      const above = lines.slice(0, at).reverse();
      const comment = above.slice(
        0,
        above.findIndex((line) => !line.trimStart().startsWith('#')),
      );
      expect(`${place}: ${comment.join(' ')}`).toContain('Warned of at every start');
    }
  });
});
