import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { Installation } from '../../src/organisations/installation.service.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { openTestDatabase } from '../support/database.js';
import { startService, type Answer, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_MINUTE = 60_000;

let service: TestService;
let installation: Installation;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock(new Date());
  service = await startService({ clock });
  installation = service.app.get(Installation, { strict: false });
});
afterEach(() => service.close());

const code = async (): Promise<string> => (await installation.firstOperatorLink())?.url.split('#')[1] ?? '';
const become = (token: string, email = 'ada@ops.example'): Promise<Answer<{ code: string }>> => {
  const { origin } = publicSiteOf(service.config.server);
  const body = { token, email, firstName: 'Ada', lastName: 'Byron' };
  return service.api('POST', '/api/v1/sign-in/first', body, { key: null, headers: { origin } });
};
const operators = (): Promise<{ email: string }[]> =>
  service.database.asMigrate((tx) =>
    tx.query<{ email: string }>(
      'SELECT p.email FROM operator o JOIN person p ON p.id = o.person_id WHERE o.ended_at IS NULL',
    ),
  );

/** Runs src/main.ts as it is, until it has said something. */
async function saidAtStart(databaseUrl: string, secretKey: string, pattern: RegExp): Promise<string> {
  const child = spawn(process.execPath, ['--import', './test/support/register-typescript.mjs', 'src/main.ts'], {
    env: {
      ...{ PATH: process.env['PATH'], ROLLCALL_ENV: 'test', ROLLCALL_LOG_LEVEL: 'trace', ROLLCALL_SERVER_PORT: '0' },
      ...{ DATABASE_URL: databaseUrl, ROLLCALL_SECRET_KEY: secretKey },
      ...{ ROLLCALL_SERVER_METRICS_PORT: '', ROLLCALL_SERVER_PUBLIC_URL: 'http://localhost:3999' },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = once(child, 'close');
  await new Promise<void>((told, fail) => {
    const look = (chunk: string): void => {
      text += chunk;
      if (pattern.test(text)) told();
    };
    child.stdout.setEncoding('utf8').on('data', look);
    child.stderr.setEncoding('utf8').on('data', look);
    void ended.then(() => fail(new Error(`it ended first: ${text}`)));
  });
  child.kill('SIGTERM');
  await ended;
  return text;
}

it('X-16 each start on an empty database shows a code on the console, and nowhere else', async () => {
  await using opened = await openTestDatabase();
  const key = randomBytes(32).toString('base64');
  const line = /^First operator: http:\/\/localhost:3999\/sign-in\/first#(\S+) \(30 minutes, once\)$/mu;
  const tokens = new Set<string>();
  for (let start = 0; start < 2; start++) {
    const said = await saidAtStart(opened.url, key, line);
    const token = line.exec(said)?.[1] ?? '';
    expect(said.split(token.split('.')[1] ?? '')).toHaveLength(2);
    tokens.add(token);
  }
  expect(tokens.size).toBe(2);
  const kept = await opened.database.asMigrate((tx) =>
    tx.query<{ open: boolean }>(
      'SELECT used_at IS NULL AND ended_at IS NULL AS open FROM sign_in_token ORDER BY created_at',
    ),
  );
  expect(kept).toEqual([{ open: false }, { open: true }]);
});

describe('X-16 the first operator', () => {
  it('of a fresh installation there is none, no account, and one organisation of its own, however often it starts', async () => {
    const first = await installation.firstOperatorLink();
    expect(first).toEqual({
      minutes: 30,
      url: expect.stringMatching(/^http:\/\/localhost:\d+\/sign-in\/first#[\w-]{22}\.[\w-]{43}$/u),
    });
    await Promise.all(Array.from({ length: 4 }, () => installation.ensure()));
    const own = await service.database.asMigrate((tx) =>
      tx.query(
        `SELECT o.slug, o.sso, (SELECT count(*) FROM person p WHERE p.organisation_id = o.id) AS people,
                (SELECT count(*) FROM data_key k WHERE k.organisation_id = o.id) AS keys,
                (SELECT count(*) FROM audit_entry a WHERE a.organisation_id = o.id) AS entries
           FROM organisation o WHERE is_installation`,
      ),
    );
    expect(own).toEqual([{ slug: 'installation', sso: true, people: 0, keys: 1, entries: 1 }]);
    expect(await operators()).toEqual([]);
  });

  it('comes to be by the code alone, and of two visitors with it one does', async () => {
    const token = await code();
    expect((await become(token.replace(/.$/u, (last) => (last === 'A' ? 'E' : 'A')))).status).toBe(403);
    const answers = await Promise.all([become(token, 'one@ops.example'), become(token, 'two@ops.example')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await operators()).toHaveLength(1);
    expect((await become(token, 'three@ops.example')).status).toBe(403);
    expect(await installation.firstOperatorLink()).toBeNull();
  });

  it('not by a code that is 30 minutes old', async () => {
    const token = await code();
    clock.advance(30 * A_MINUTE);
    expect((await become(token)).status).toBe(403);
    const next = await code();
    clock.advance(30 * A_MINUTE - 1);
    expect((await become(next)).status).toBe(200);
  });

  it('not by the code of an earlier start', async () => {
    const [earlier, later] = [await code(), await code()];
    expect((await become(earlier)).status).toBe(403);
    expect((await become(later)).status).toBe(200);
  });

  it('and not once there is an operator by other means', async () => {
    const token = await code();
    const { Operators } = await import('../../src/organisations/operators.service.js');
    const { OperatorsManaging } = await import('../../src/operators/operators-managing.service.js');
    const by = { by: { kind: 'operator' as const } };
    await service.app
      .get(OperatorsManaging, { strict: false })
      .add({ email: 'cli@ops.example', firstName: null, lastName: null }, by);
    expect(await service.app.get(Operators, { strict: false }).list()).toHaveLength(1);
    expect((await become(token)).status).toBe(403);
    expect(await operators()).toEqual([{ email: 'cli@ops.example' }]);
  });
});
