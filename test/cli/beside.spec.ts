import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCompany, serveOkta, type OktaSimulator } from '../simulators/index.ts';
import { until } from '../support/patience.js';
import { startService, type TestService } from '../support/service.js';
import { Console, saidBy } from './console.js';

interface Run {
  id: string;
  state: string;
}

async function connect(shell: Console, organisation: string, okta: OktaSimulator): Promise<void> {
  await shell.json(
    ...['connection', 'add', '-o', organisation, '--provider', 'okta', '--name', 'Okta'],
    ...['--credential', 'method=token', '--credential', `orgUrl=${okta.url}`],
    ...['--credential', `token=${okta.credentials.apiToken}`],
  );
}

describe('beside a service that lives', () => {
  let service: TestService;
  let okta: OktaSimulator;
  let shell: Console;
  const organisation = (): string => service.organisation.slug;

  beforeAll(async () => {
    okta = await serveOkta(makeCompany({ people: 30, seed: 3, everybodyEmployed: true }));
    service = await startService({
      config: { schedule: { enabled: true, lookEveryMs: 50 }, connectors: { okta: { insecureLoopback: true } } },
    });
    shell = Console.beside(service.databaseUrl, service.secretKey);
    await connect(shell, organisation(), okta);
  });
  afterAll(async () => {
    await service.close();
    await okta.close();
  });

  it('a run is the service’s to carry out, and is followed to its end', async () => {
    const preview = await shell.json<Run>('connection', 'preview', 'Okta', '-o', organisation());
    expect(preview.state).toBe('ready');
  });

  it('--no-wait leaves it to the service, whose progress anybody can follow', async () => {
    const asked = await shell.json<Run>('connection', 'confirm', 'Okta', '-o', organisation(), '--no-wait');
    const progress = await service.api('GET', `/api/v1/runs/${asked.id}/progress`);
    expect(progress.text).toMatch(/"state":"succeeded"/);
    expect((await shell.rollcall('status')).code).toBe(0);
  });
});

describe('as a process of its own', () => {
  let okta: OktaSimulator;
  let shell: Console;

  beforeAll(async () => {
    okta = await serveOkta(makeCompany({ people: 900, seed: 4, everybodyEmployed: true }));
    shell = await Console.open();
    await shell.json('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync');
    await connect(shell, 'acme', okta);
  });
  afterAll(async () => {
    await shell[Symbol.asyncDispose]();
    await okta.close();
  });

  it('ends with the codes that --help lists', async () => {
    const help = await shell.spawned('--help');
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('somebody must act')]);
    expect((await shell.rollcall('status')).code).toBe(6);
    expect((await shell.rollcall('nonsense')).code).toBe(2);
    expect((await shell.spawned('run', 'list', '-o', 'nobody')).code).toBe(3);
  });

  it('takes the organisation from ROLLCALL_CLI_ORGANISATION', async () => {
    shell.env['ROLLCALL_CLI_ORGANISATION'] = 'acme';
    expect(await shell.spawned('run', 'list')).toMatchObject({ code: 0, err: '' });
    delete shell.env['ROLLCALL_CLI_ORGANISATION'];
  });

  it('ctrl-C stops a run at a safe point, and the next command goes on with it', async () => {
    okta.setLatency(300);
    const child = shell.spawn('connection', 'preview', 'Okta', '-o', 'acme');
    const said = saidBy(child);
    let words = '';
    child.stderr?.on('data', (text: string) => (words += text));
    await until(
      () => `the run to read; it said: ${words}`,
      () => words.includes('Reading'),
    );
    // It is not through before it hears of the signal, however late that is.
    okta.setLatency(100_000);
    child.kill('SIGINT');
    const { code, out } = await said;
    expect([code, out]).toEqual([130, expect.stringContaining('Not over yet')]);

    okta.setLatency(0);
    const { items } = await shell.json<{ items: Run[] }>('run', 'list', '-o', 'acme');
    expect(items.map(({ state }) => state)).toEqual(['reading']);
    expect((await shell.rollcall('connection', 'preview', 'Okta', '-o', 'acme')).code).toBe(0);
    const after = await shell.json<{ items: Run[] }>('run', 'list', '-o', 'acme');
    expect(after.items.map(({ state }) => state)).toEqual(['ready', 'ready']);
  });
});
