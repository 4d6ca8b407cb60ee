import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config.js';
import { publicSiteOf } from './public-site.js';
import { weakenedBy } from './weakened.js';

describe('where the installation is found', () => {
  it.each([
    ['https://rollcall.acme.example/', 3000, { origin: 'https://rollcall.acme.example', secure: true }],
    ['https://rollcall.acme.example:8443', 3000, { origin: 'https://rollcall.acme.example:8443', secure: true }],
    ['http://127.0.0.1:4000', 3000, { origin: 'http://127.0.0.1:4000', secure: false }],
    [null, 3000, { origin: 'http://localhost:3000', secure: false }],
  ])('%s and port %i', (publicUrl, port, site) => {
    expect(publicSiteOf({ publicUrl, port })).toEqual(site);
  });
});

describe('X-30 what weakens the installation', () => {
  it('is named, wherever it stands', () => {
    expect(weakenedBy(loadConfig({ ROLLCALL_ENV: 'test' }))).toEqual([]);
    expect(
      weakenedBy(
        loadConfig({
          ROLLCALL_ENV: 'test',
          ROLLCALL_MAIL_INSECURE_PLAINTEXT: 'true',
          ROLLCALL_IDENTITY_PROVIDERS_INSECURE_LOOPBACK: 'true',
          ROLLCALL_CONNECTORS_OKTA_INSECURE_LOOPBACK: 'true',
        }),
      ),
    ).toEqual(['identityProviders.insecureLoopback', 'mail.insecurePlaintext', 'connectors.okta.insecureLoopback']);
  });
});
