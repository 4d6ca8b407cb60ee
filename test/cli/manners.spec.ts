import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Console, saidBy, type Said } from './console.js';

/** How the command line speaks, whatever it is asked. */
let shell: Console;

const rollcall = (...args: string[]): Promise<Said> => shell.rollcall(...args);

beforeAll(async () => {
  shell = await Console.open();
});
afterAll(() => shell[Symbol.asyncDispose]());

describe('the manners of the command line', () => {
  it('nothing is there yet: each list says what to do next', async () => {
    expect((await rollcall('status')).out).toContain('rollcall organisation create');
    expect((await rollcall('person', 'list', '-o', 'acme')).err).toBe(
      'There is no organisation "acme"; there is none yet: rollcall organisation create …\n',
    );
    expect((await rollcall('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync')).err).toContain(
      'rollcall connection add --provider KIND --name Main -o acme',
    );
    expect((await rollcall('connection', 'list', '-o', 'acme')).out).toContain('rollcall connection kinds');
    expect((await rollcall('domain', 'list', '-o', 'acme')).out).toContain('rollcall domain add acme.example -o acme');
    expect((await rollcall('run', 'list', '-o', 'acme')).out).toContain('rollcall connection preview');
    expect((await rollcall('team', 'list', '-o', 'acme')).out).toContain('createMissingTeams=true');
  });

  it('an organisation that is not there is answered with those that are', async () => {
    const { code, err } = await rollcall('team', 'list', '-o', 'acne');
    expect([code, err]).toEqual([3, 'There is no organisation "acne"; there are: acme.\n']);
  });

  it('organisations are shown in words, and set', async () => {
    expect((await rollcall('organisation', 'show', 'acme')).out).toMatch(
      /^organisation +Acme\nshort name +acme\nid +\S+\nruns are kept +90 days\nstopped +no\nmade +\d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/u,
    );
    const { out } = await rollcall('organisation', 'set', 'acme', '--name', 'Acme Ltd', '--runs-kept-days', '30');
    expect(out).toMatch(/organisation +Acme Ltd\n[\s\S]*runs are kept +30 days/u);
    expect((await rollcall('organisation', 'set', 'acme')).code).toBe(2);
    expect((await rollcall('organisation', 'set', 'acme', '--runs-kept-days', '6')).code).toBe(2);
  });

  it('a fault is told once, several each on a line, and what is left out is said to be missing', async () => {
    const add = ['connection', 'add', '-o', 'acme', '--provider', 'okta', '--name', 'X'];
    const one = await rollcall(...add, '--credential', 'method=token');
    expect([one.code, one.err]).toEqual([2, 'credentials.orgUrl: is missing\n']);
    const several = await rollcall(...add, '--policy', 'removalLimitRun=0', '--policy', 'removalLimitDay=0');
    expect(several.err.split('\n').filter((line) => line.startsWith('  policy.'))).toHaveLength(2);
  });

  it('changing nothing is no change: it is asked what is meant', async () => {
    await rollcall('connection', 'add', '-o', 'acme', '--provider', 'okta', '--name', 'Main');
    const { code, err } = await rollcall('connection', 'set', 'Main', '-o', 'acme');
    expect([code, err]).toEqual([2, expect.stringContaining('Say what to change')]);
  });

  it('set-up steps give a value of several lines as it is to be copied', async () => {
    const made = await rollcall(
      ...['connection', 'credentials', 'Main', '-o', 'acme', '--credential', 'method=key'],
      ...['--credential', 'orgUrl=https://acme.okta.com'],
    );
    const [, copied = ''] = /Public key \(JWK\):\n([\s\S]*?\n {3}\})\n/u.exec(made.out) ?? [];
    expect(JSON.parse(copied)).toMatchObject({ kty: 'RSA' });
    expect(made.out).not.toContain('"d"');
    expect(made.err).toContain('rollcall connection test "Main" -o acme');
  });

  it('help uses the width that there is, and groups all commands', async () => {
    const { out } = await rollcall('--help');
    expect(out).not.toContain('\nCommands:');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeGreaterThan(80);
    for (const command of [
      'team create',
      'framework show',
      'position set',
      'alias add',
      'inbox resolve',
      'person edit',
    ])
      expect((await rollcall(...command.split(' '), '--help')).out).toContain(`Usage: rollcall ${command}`);
  });

  it('what is no id is said so, without a slip of grammar', async () => {
    expect((await rollcall('override', 'release', 'x', '-o', 'acme')).err).toBe('"x" is not the id of an override.\n');
    expect((await rollcall('run', 'show', 'x', '-o', 'acme')).err).toBe('"x" is not the id of a run.\n');
  });

  it('what may be a secret is not said again, not even when it was typed wrongly', async () => {
    const wrong = await rollcall('connection', 'credentials', 'Main', '-o', 'acme', '--credential', '00aSecretToken');
    expect([wrong.code, wrong.out + wrong.err]).toEqual([2, expect.not.stringContaining('00aSecretToken')]);
    const field = await rollcall(
      'connection',
      'credentials',
      'Main',
      '-o',
      'acme',
      '--credential',
      'tokn=00aSecretToken',
    );
    expect([field.code, field.out + field.err]).toEqual([2, expect.not.stringContaining('00aSecretToken')]);
  });

  it('a reader who has seen enough breaks nothing', async () => {
    const child = shell.spawn('connection', 'kinds', '--json');
    child.stdout?.destroy();
    const { code, err } = await saidBy(child);
    expect([code, err]).toEqual([0, '']);
  });
});
