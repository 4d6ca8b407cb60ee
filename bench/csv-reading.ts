// How reading a file of people compares with csv-parse alone, and what it does to the process meanwhile:
// node --import ./test/support/register-typescript.mjs bench/csv-reading.ts
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Table from 'cli-table3';
import { SeenAddresses } from '../src/connectors/csv/duplicates.ts';
import { FileFault } from '../src/connectors/csv/errors.ts';
import { readCsv } from '../src/connectors/csv/read-csv.ts';
import { bytesOf, csvFloor, writePeopleFile } from './csv-floor.ts';
import { machine } from './report.ts';

const LIMITS = { rows: 250_000, columns: 64, fieldBytes: 64 * 1024 };
const ROUNDS = 3;

interface Reading {
  ms: number;
  /** Longest time that nothing else had a turn, milliseconds. Others on the machine only ever add to it, so the least of all rounds counts. */
  blockedMs: number;
  /** How much the process grew at most while it read. */
  grownMiB: number;
  end: string;
}

async function measureReading(path: string): Promise<Reading> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = process.memoryUsage.rss();
  let most = before;
  let rows = 0;
  let end: string;
  const seen = new SeenAddresses();
  const started = performance.now();
  delay.enable();
  try {
    const { rows: pages } = readCsv(bytesOf(path), { limits: LIMITS, signal: new AbortController().signal });
    for await (const page of pages) {
      for (const { line, cells } of page) seen.add(cells.email ?? '', JSON.stringify(cells), line);
      rows += page.length;
      most = Math.max(most, process.memoryUsage.rss());
    }
    end = `${rows} rows`;
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    end = error.message;
  }
  most = Math.max(most, process.memoryUsage.rss());
  const ms = performance.now() - started;
  delay.disable();
  return { ms, blockedMs: delay.max / 1e6, grownMiB: (most - before) / 1024 / 1024, end };
}

const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
try {
  const files: [name: string, make: (path: string) => Promise<void> | void][] = [
    ['100,000 people', (path) => writePeopleFile(path, { rows: 100_000 })],
    ['the same in UTF-16', (path) => writePeopleFile(path, { rows: 100_000, encoding: 'utf16le' })],
    ['250,000 people in 100 MiB', (path) => writePeopleFile(path, { rows: 250_000, padding: 300 })],
    [
      '100 MiB of separators',
      (path) => writeFileSync(path, Buffer.concat([Buffer.from(wide()), Buffer.alloc(100 << 20, ',')])),
    ],
    [
      '100 MiB within a quote',
      (path) => writeFileSync(path, Buffer.concat([Buffer.from(`${wide()}"`), Buffer.alloc(100 << 20, 'x\n')])),
    ],
    [
      '100 MiB of line ends',
      (path) => writeFileSync(path, Buffer.concat([Buffer.from(wide()), Buffer.alloc(100 << 20, '\n')])),
    ],
  ];
  const table = new Table({
    style: { head: [], border: [] },
    head: ['file', 'MiB', 'csv-parse', 'read', 'ratio', 'blocked', 'grown', 'ends with'],
  });
  for (const [name, make] of files) {
    const path = join(folder, 'people.csv');
    await make(path);
    const floors: number[] = [];
    const readings: Reading[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      if (name.includes('people')) floors.push(await csvFloor(path));
      readings.push(await measureReading(path));
    }
    const best = readings.reduce((one, other) => (other.ms < one.ms ? other : one));
    const floor = floors.length === 0 ? null : Math.min(...floors);
    table.push([
      name,
      Math.round(statSync(path).size / 1024 / 1024),
      floor === null ? '' : `${Math.round(floor)} ms`,
      `${Math.round(best.ms)} ms`,
      floor === null ? '' : (best.ms / floor).toFixed(2),
      `${Math.round(Math.min(...readings.map(({ blockedMs }) => blockedMs)))} ms`,
      `${Math.round(Math.max(...readings.map(({ grownMiB }) => grownMiB)))} MiB`,
      best.end,
    ]);
  }
  console.log(machine());
  console.log(table.toString());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The widest header that a file may have. */
function wide(): string {
  return `email,${Array.from({ length: 63 }, (_, at) => `c${at}`).join(',')}\n`;
}
