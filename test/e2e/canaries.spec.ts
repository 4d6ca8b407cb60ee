import { generateKeyPairSync } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeEverything, type Everything } from '../support/everything.js';
import { exampleOf, queryOf } from '../support/example.js';
import { fillPath, operationsOf } from '../support/operations.js';
import { within } from '../support/patience.js';
import { apiOf, startService, type Api, type TestService } from '../support/service.js';

/** The service as it runs, in a process of its own, whose every line at the finest level is kept. */
class Watched {
  output = '';
  private constructor(
    readonly child: ChildProcess,
    public url: string,
  ) {}

  static async start(env: NodeJS.ProcessEnv): Promise<Watched> {
    const child = spawn(process.execPath, ['--import', './test/support/register-typescript.mjs', 'src/main.ts'], {
      env: { PATH: process.env['PATH'], ROLLCALL_ENV: 'test', ROLLCALL_LOG_LEVEL: 'trace', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const watched = new Watched(child, '');
    const answers = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (chunk: string) => {
          watched.output += chunk;
          const url = /Rollcall answers at (http:\/\/[^\s,"]+)[\s,"]/.exec(watched.output)?.[1];
          if (url === undefined || watched.url !== '') return;
          watched.url = url;
          resolve();
        });
      }
      child.once('close', () => reject(new Error(`it ended first: ${watched.output}`)));
    });
    await within(() => `the service to answer; it said: ${watched.output}`, answers);
    return watched;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await within('the service to end', closed);
  }
}

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const TOKEN = '00canaryTOKENcanaryTOKENcanaryTOKENcanary02';
const ADDRESS = 'canary.person@secret-domain.example';
const NAME = 'Canaryfirstname';

let service: TestService;
let watched: Watched;
let api: Api;
let everything: Everything;
/** A directory that lets nobody in, and repeats what it was sent. */
const directory = createServer((request, response) => {
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ errorCode: 'E0000011', errorSummary: `Invalid token ${request.headers.authorization ?? ''}` }),
  );
});
/** What came back, all of it. */
let answers = '';

beforeAll(async () => {
  directory.listen(0, '127.0.0.1');
  await once(directory, 'listening');
  service = await startService();
  everything = await makeEverything(service.database, service.organisation);
  watched = await Watched.start({
    DATABASE_URL: service.databaseUrl,
    ROLLCALL_SECRET_KEY: service.secretKey,
    ROLLCALL_SCHEDULE_ENABLED: 'false',
    ROLLCALL_CONNECTORS_OKTA_INSECURE_LOOPBACK: 'true',
  });
  const ask = apiOf(watched.url, service.organisation.key);
  api = async (...call) => {
    const answer = await ask(...call);
    answers += answer.text;
    return answer as never;
  };
});
afterAll(async () => {
  await watched?.stop();
  await service.close();
  directory.close();
});

/** A secret as it stands, and as it would stand in an address, in JSON, in base64 or in two halves. */
function forms(secret: string): string[] {
  const half = Math.floor(secret.length / 2);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
    secret.slice(0, half),
    secret.slice(half),
  ];
}

describe('K-06 what is secret or somebody’s', () => {
  it('is in no line of the log at its finest level, and in no answer but where it belongs', async () => {
    const google = {
      type: 'service_account',
      client_email: 'sync@acme.iam.gserviceaccount.com',
      client_id: '123456789012345678901',
      private_key: pem,
    };
    const okta = {
      method: 'token',
      orgUrl: `http://127.0.0.1:${(directory.address() as AddressInfo).port}`,
      token: TOKEN,
    };
    const connection = `/api/v1/connections/${everything['connections'] ?? ''}`;
    // As they should be used, and in every wrong way: wrong kind, wrong place, cut off, in the address.
    await api('PUT', `${connection}/credentials`, { credentials: okta });
    const tested = await api('POST', `${connection}/test`);
    expect([tested.status, tested.body['passed']]).toEqual([200, false]);
    for (const credentials of [
      { ...okta, orgUrl: TOKEN },
      { ...okta, method: TOKEN },
      { ...okta, more: TOKEN },
      { method: 'key', key: google },
    ]) {
      expect((await api('PUT', `${connection}/credentials`, { credentials })).status).toBe(400);
    }
    await api('POST', '/api/v1/connections', {
      provider: 'google',
      name: 'G',
      credentials: { method: 'key', subject: 'admin@acme.example', key: google },
    });
    await api('POST', '/api/v1/connections', {
      provider: 'google',
      name: 'G',
      credentials: { method: 'key', subject: 'x', key: JSON.stringify(google).slice(0, -5) },
    });
    await api('POST', '/api/v1/connections', `{"credentials":{"token":"${TOKEN}`);
    await api('POST', `/api/v1/connections?token=${TOKEN}`);
    await api('GET', `/api/v1/people?cursor=${encodeURIComponent(ADDRESS)}`);
    await api('GET', '/api/v1/organisation', undefined, { key: `${service.organisation.key}x` });
    await api('GET', `/api/v1/organisation?x=${service.organisation.key}`);
    await api('GET', `/api/v1/${service.organisation.key}`);
    const { operations, schemas } = operationsOf(service);
    for (const operation of operations.filter(({ stream, path }) => !stream && !path.endsWith('/test'))) {
      const body = operation.body
        ? exampleOf(operation.body, schemas, (field) =>
            /email/i.test(field) ? ADDRESS : /firstName/.test(field) ? NAME : undefined,
          )
        : undefined;
      await api(
        operation.method,
        fillPath(operation.path, (of) => everything[of] ?? '') + queryOf(operation, schemas),
        body,
      );
    }
    // A fault of ours, with all of it in sight.
    await service.database.asMigrate((tx) => tx.execute('ALTER TABLE connection RENAME TO connection_gone'));
    expect((await api('PUT', `${connection}/credentials`, { credentials: okta })).status).toBe(500);
    await service.database.asMigrate((tx) => tx.execute('ALTER TABLE connection_gone RENAME TO connection'));

    expect(watched.output).toContain('a request failed');
    const secrets = [TOKEN, ...pem.split('\n').slice(1, -2), service.organisation.key.slice(16), service.secretKey];
    for (const secret of secrets) {
      for (const form of forms(secret)) {
        expect([form, watched.output.includes(form)]).toEqual([form, false]);
        expect([form, answers.includes(form)]).toEqual([form, false]);
      }
    }
    for (const personal of [ADDRESS, encodeURIComponent(ADDRESS), NAME])
      expect(watched.output.includes(personal)).toBe(false);
  });
});
