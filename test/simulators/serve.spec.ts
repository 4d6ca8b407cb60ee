import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { within } from '../support/patience.ts';
import { get } from './http/testing.ts';

interface Line {
  url: string;
  tokenUrl: string;
  controlUrl: string;
  credentials: { apiToken: string; subject: string };
}

let child: ChildProcess | null = null;

afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
});

async function serve(...args: string[]): Promise<Line> {
  const script = fileURLToPath(new URL('./serve.ts', import.meta.url));
  child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '' } });
  if (!child.stdout) throw new Error('no output');
  const said = once(createInterface(child.stdout), 'line');
  const [line] = (await within('the simulator to say where it is', said)) as [string];
  return JSON.parse(line) as Line;
}

async function tell(line: Line, command: object): Promise<unknown> {
  const response = await fetch(`${line.controlUrl}/control`, { method: 'POST', body: JSON.stringify(command) });
  return response.json();
}

describe('a simulator in a process of its own', () => {
  it('prints where it is, lets the company live, counts requests, and ends when told', async () => {
    const line = await serve(
      '--people',
      '120',
      '--provider',
      'okta',
      '--seed',
      '4',
      '--warm',
      '/api/v1/users?limit=200',
    );
    const ask = async (): Promise<number> => {
      const got = await get(`${line.url}/api/v1/users`, { authorization: `SSWS ${line.credentials.apiToken}` });
      return Array.isArray(got.body) ? got.body.length : got.status;
    };
    const before = await ask();
    expect(await tell(line, { op: 'leave', who: 3 })).toMatchObject({ ids: { length: 3 } });
    expect(await ask()).toBe(before - 3);
    await tell(line, { op: 'fault', fault: { route: 'users.list', do: { kind: 'status', status: 503 } } });
    expect([await ask(), await ask()]).toEqual([503, before - 3]);
    expect(await tell(line, { op: 'requests', reset: true })).toMatchObject({ total: 4, byRoute: { 'users.list': 4 } });
    expect(await tell(line, { op: 'requests' })).toMatchObject({ total: 0 });
    expect(await tell(line, { op: 'expected', scope: { kind: 'everyone' } })).toHaveProperty('count');
    expect(await tell(line, { op: 'no such thing' })).toHaveProperty('error');
    const ended = once(child as ChildProcess, 'exit');
    await tell(line, { op: 'close' });
    expect((await ended)[0]).toBe(0);
  });

  it('ends with whoever started it, when there is a channel between them', async () => {
    const script = fileURLToPath(new URL('./serve.ts', import.meta.url));
    child = spawn(process.execPath, [script, '--people', '10'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    if (!child.stdout) throw new Error('no output');
    await within('the simulator to say where it is', once(createInterface(child.stdout), 'line'));
    const ended = once(child, 'exit');
    child.disconnect();
    expect((await ended)[0]).toBe(0);
  });

  it('serves Google just so, and churns by share', async () => {
    const line = await serve('--people', '1000', '--provider', 'google');
    expect(line.credentials.subject).toMatch(/@example\.com$/);
    const count = async (): Promise<number> =>
      ((await tell(line, { op: 'expected', scope: { kind: 'everyone' } })) as { count: number }).count;
    const before = await count();
    await tell(line, { op: 'churn', share: 0.01 });
    expect(await count()).toBe(before - 1);
  });
});
