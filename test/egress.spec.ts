import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readSources } from './support/sources.js';

const sources = readSources('src');
const page = readFileSync('docs/operating.md', 'utf8');
const table = /## What leaves the machine\n([\s\S]*?)(?=\n## |$)/u.exec(page)?.[1] ?? '';

/** What can open a connection. */
const OPENS =
  /^(undici|axios|gaxios|node-fetch|nodemailer|pg|google-auth-library|@googleapis\/.*|@okta\/.*|node:(https?|http2|net|tls|dgram|dns(\/promises)?))$/u;

/** Whatever opens a connection, or may: why it goes nowhere that the page does not name. Another file is looked at, or fails. */
const REVIEWED: Record<string, string> = {
  'src/common/dns-lookup.ts': 'asks the name servers of this machine',
  'src/common/guarded-http.ts': 'the guarded client',
  'src/common/http.ts': 'serves',
  'src/common/logging.ts': 'types alone',
  'src/connectors/exchange.ts': 'a header of the guarded client',
  'src/connectors/google/directory-api.ts': 'what the library asks goes by the guarded client',
  'src/connectors/google/directory-reads.ts': 'types alone',
  'src/connectors/google/http.ts': 'the guarded client in the words of the library',
  'src/connectors/google/keyless-signer.ts': 'the identity of the machine, at Google or its metadata server',
  'src/connectors/okta/transport.ts': 'what the library asks goes by the guarded client',
  'src/health/metrics-server.service.ts': 'serves',
  'src/mail/transport.ts': 'SMTP, to the one server of the settings',
  'src/organisations/domain-checks.service.ts': 'asks the name servers of this machine',
  'src/organisations/txt-records.ts': 'asks the name servers of this machine',
};

describe('X-23 what leaves the machine', () => {
  it('is opened by the files that were looked at, and by no other', () => {
    const opening = sources.filter(
      ({ path, imports }) =>
        !path.startsWith('src/database/') &&
        imports.some(({ target, specifier }) => target === null && OPENS.test(specifier)),
    );
    expect(opening.map(({ path }) => path)).toEqual(Object.keys(REVIEWED).sort());
  });

  it('goes to hosts that the page names: no other stands in the sources', () => {
    const examples = /(^|\.)(example|invalid|localhost|okta\.com)(\.com)?$/u;
    const hosts = new Set(
      sources.flatMap(({ text }) =>
        [...text.matchAll(/https:\/\/([a-z0-9-]+(\.[a-z0-9-]+)+)/gu)].map(([, host = '']) => host),
      ),
    );
    const unnamed = [...hosts].filter((host) => !examples.test(host) && !table.includes(`\`${host}\``));
    expect(unnamed).toEqual([]);
    expect(hosts.size).toBeGreaterThan(4);
  });
});
