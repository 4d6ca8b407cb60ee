import { parseArgs } from 'node:util';
import type { Provider } from './directory.ts';
import { measureCourse } from './measure.ts';
import { machine, tableOf } from './report.ts';
import { judge, type Measured } from './targets.ts';

const HELP = `npm run bench:sync -- [options]

Measures the built service against directories in a process of their own: first import, unchanged full run (median of
three), the run after 1 % churn, and a delta of 100 people. Each time is held against the floor: the same pages by one
keep-alive connection, one after the other, and JSON.parse.

  --people N,N      sizes of the directory (default 1000,10000,100000; the targets are for the last)
  --provider P,P    okta, google or both (default)
  --latency MS,MS   what each answer of the directory waits (default 0,100)
  --database URL    a PostgreSQL server instead of the embedded one; as a user who may see every table
  --json            figures instead of a table

Ends with 1 when a target was missed by twice or more.`;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '1000,10000,100000' },
    provider: { type: 'string', default: 'okta,google' },
    latency: { type: 'string', default: '0,100' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  await bench();
}

async function bench(): Promise<void> {
  const providers = values.provider.split(',').filter(isProvider);
  const sizes = numbers(values.people, 50);
  const latencies = numbers(values.latency, 0);
  if (providers.length === 0 || sizes.length === 0 || latencies.length === 0) {
    console.error(HELP);
    process.exitCode = 2;
    return;
  }
  const measured: Measured[] = [];
  for (const provider of providers) {
    for (const people of sizes) {
      const databaseUrl = values.database ?? null;
      const course = { provider, people, latencies, databaseUrl, say: (line: string) => console.error(line) };
      measured.push(...(await measureCourse(course)));
    }
  }
  const results = judge(measured);
  if (values.json) console.log(JSON.stringify({ machine: machine(), results }, null, 2));
  else console.log(`${JSON.stringify(machine())}\n${tableOf(results)}`);
  if (results.some(({ verdicts }) => verdicts.some(({ outcome }) => outcome === 'failed'))) process.exitCode = 1;
}

function isProvider(name: string): name is Provider {
  return name === 'okta' || name === 'google';
}

function numbers(text: string, least: number): number[] {
  return text
    .split(',')
    .map(Number)
    .filter((number) => Number.isInteger(number) && number >= least);
}
