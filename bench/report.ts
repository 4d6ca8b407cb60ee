import { cpus, release, totalmem } from 'node:os';
import Table from 'cli-table3';
import type { Result, Verdict } from './targets.ts';

const MARKS = { met: '✓', missed: '✗', failed: '✗✗' } as const;

/** What the figures were measured on. */
export function machine(): Record<string, string | number> {
  const cores = cpus();
  return {
    cores: cores.length,
    processor: cores[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release()}`,
    node: process.version,
  };
}

/** The results as a table; ✗ misses a target, ✗✗ misses it by twice or more. */
export function tableOf(results: readonly Result[]): string {
  const table = new Table({
    head: [
      'directory',
      'people',
      'ms/page',
      'run',
      'time',
      'floor',
      'ratio',
      'requests',
      'rows',
      'peak MiB',
      'targets',
    ],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const one of results) {
    table.push([
      one.provider,
      whole(one.people),
      one.latency,
      one.measure,
      `${whole(one.ms)} ms`,
      `${whole(one.floorMs)} ms`,
      one.ratio.toFixed(2),
      whole(one.requests),
      one.rows === null ? '' : whole(one.rows),
      one.peakBytes === null ? '' : whole(one.peakBytes / 1024 ** 2),
      [...one.verdicts.map(told), ...writing(one)].join('\n'),
    ]);
  }
  return table.toString();
}

function writing({ ms, writingMs }: Result): string[] {
  if (writingMs === null) return [];
  return [`  ${(ms / writingMs).toFixed(2)} × PostgreSQL alone writing its rows (${whole(writingMs)} ms)`];
}

function told({ what, value, target, outcome }: Verdict): string {
  const figure = Number.isInteger(value) ? whole(value) : value.toFixed(2);
  return `${MARKS[outcome]} ${figure} ${what} (${target})`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
