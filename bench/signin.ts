import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { machine } from './report.ts';
import { SigningInBench } from './signing-in.ts';

const HELP = `npm run bench:signin -- [options]

Measures signing in at oidc-provider, and what a session costs each request: the built service and the provider run in
processes of their own. The floor is the provider's own part, by a client that checks nothing.

  --at N,N       so many at once (default 1,8,32)
  --rounds N     sign-ins of each (default 400)
  --requests N   requests of each kind (default 4000)
  --json         figures instead of tables`;

const { values } = parseArgs({
  options: {
    at: { type: 'string', default: '1,8,32' },
    rounds: { type: 'string', default: '400' },
    requests: { type: 'string', default: '4000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Times {
  perSecond: number;
  p50: number;
  p99: number;
}

if (values.help) console.log(HELP);
else await bench();

async function bench(): Promise<void> {
  const [rounds, requests] = [Number(values.rounds), Number(values.requests)];
  const widths = values.at.split(',').map(Number);
  if (![rounds, requests, ...widths].every((number) => Number.isInteger(number) && number > 0)) {
    console.error(HELP);
    process.exitCode = 2;
    return;
  }
  await using world = await SigningInBench.start(Math.max(...widths));
  const signIns = [];
  for (const width of widths) {
    const visitor = (n: number) => world.visitors[n % width] ?? world.visitors[0];
    const floor = await timed(width, rounds, (lane) => world.floor(visitor(lane) as never));
    const whole = await timed(width, rounds, (lane) => world.signIn(visitor(lane) as never));
    signIns.push({ width, floor, whole });
    console.error(
      `${width} at once: ${whole.perSecond.toFixed(0)} a second, the provider alone ${floor.perSecond.toFixed(0)}`,
    );
  }
  const [first] = world.visitors;
  if (!first) throw new Error('nobody has signed in');
  const checks = [];
  for (const [what, ask] of Object.entries(world.requests(await world.signIn(first)))) {
    const once = async (): Promise<void> => {
      const answer = await ask();
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${what} answered ${answer.status}`);
    };
    await timed(8, Math.ceil(requests / 4), once);
    const before = world.processorMs();
    const times = await timed(8, requests, once);
    checks.push({ what, ...times, processorMicros: ((world.processorMs() - before) * 1000) / requests });
  }
  if (values.json) console.log(JSON.stringify({ machine: machine(), signIns, checks }, null, 2));
  else console.log([JSON.stringify(machine()), signInTable(signIns), checkTable(checks)].join('\n'));
}

/** So often, so many at once, each of them one after another. */
async function timed(width: number, many: number, work: (lane: number) => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  let left = many;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: width }, async (_, lane) => {
      while (left > 0) {
        left -= 1;
        const start = performance.now();
        await work(lane);
        times.push(performance.now() - start);
      }
    }),
  );
  const perSecond = (many * 1000) / (performance.now() - began);
  times.sort((a, b) => a - b);
  const share = (of: number): number => times[Math.min(times.length - 1, Math.floor(times.length * of))] ?? 0;
  return { perSecond, p50: share(0.5), p99: share(0.99) };
}

function signInTable(rows: readonly { width: number; floor: Times; whole: Times }[]): string {
  const table = tableWith(['at once', 'a second', 'p50', 'p99', 'provider alone p50', 'p99', 'ours p50', 'p99']);
  for (const { width, floor, whole } of rows)
    table.push([
      String(width),
      whole.perSecond.toFixed(0),
      ...[whole.p50, whole.p99, floor.p50, floor.p99, whole.p50 - floor.p50, whole.p99 - floor.p99].map(ms),
    ]);
  return table.toString();
}

function checkTable(rows: readonly (Times & { what: string; processorMicros: number })[]): string {
  const table = tableWith(['request', 'a second', 'p50', 'p99', 'processor']);
  for (const { what, perSecond, p50, p99, processorMicros } of rows)
    table.push([what, perSecond.toFixed(0), ms(p50), ms(p99), `${processorMicros.toFixed(0)} µs`]);
  return table.toString();
}

function tableWith(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [] } });
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
