// What a file of people takes from upload to the last row: npm run bench:csv
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { csvFloor, writePeopleFile } from './csv-floor.ts';
import { machine } from './report.ts';
import { BenchService } from './service.ts';

const HELP = `npm run bench:csv -- [options]

Measures the built service on a file of people: the upload, the preview of newcomers, applying them, and the preview of the
same file again. Each is held against the floor: csv-parse alone on the same bytes (median of three).

  --rows N          rows of the file (default 100000; the targets are for that)
  --database URL    a PostgreSQL server instead of the embedded one
  --json            figures instead of a table

Targets: a preview at most 3 times the floor, applying at most 8 times, 64 MiB more memory, 60 s for each, and nobody kept
waiting by the event loop for more than 100 ms. Ends with 1 when one is missed.`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const MIB = 1024 * 1024;
const LOOK_EVERY_MS = 50;
const MOST = { preview: 3, apply: 8, memoryMiB: 64, ms: 60_000, delayMs: 100 };

interface RunOfImport {
  id: string;
  state: string;
  planHash: string | null;
  error: { message: string } | null;
}
interface Import {
  id: string;
  state: string;
  unchanged: number;
  preview: RunOfImport | null;
  run: RunOfImport | null;
}
interface Measured {
  what: string;
  ms: number;
  ratio: number;
  /** More than before the first upload, MiB. */
  grownMiB: number | null;
  /** The longest that the event loop kept others waiting meanwhile. */
  delayMs: number;
  /** Times the floor. */
  target: number | null;
}

/** One organisation's files, used by the REST API as any program would. */
class Files {
  readonly #url: string;
  readonly #key: string;

  constructor({ url, key }: { url: string; key: string }) {
    this.#url = url;
    this.#key = key;
  }

  /** The teams and positions of the file, so that there is nothing to say of a row that is known. */
  async settle(): Promise<void> {
    const names = (count: number, of: string): object[] =>
      Array.from({ length: count }, (_, at) => ({ name: `${of} ${at}` }));
    const framework = { name: 'Bench', positions: names(5, 'Engineer'), teams: names(40, 'Team') };
    await this.#sent('POST', '/api/v1/frameworks/import', 'application/json', JSON.stringify(framework));
  }

  async upload(path: string): Promise<Import> {
    const body = Readable.toWeb(createReadStream(path)) as ReadableStream;
    return this.#sent('POST', '/api/v1/imports', 'text/csv', body, { 'content-length': String(statSync(path).size) });
  }

  confirm({ id, preview }: Import): Promise<Import> {
    const body = JSON.stringify({ planHash: preview?.planHash });
    return this.#sent('POST', `/api/v1/imports/${id}/confirm`, 'application/json', body);
  }

  /** The import once it is in that state; how long its newest run took. */
  async until({ id }: Import, state: string): Promise<{ shown: Import; ms: number }> {
    for (;;) {
      const shown = await this.#sent<Import>('GET', `/api/v1/imports/${id}`);
      if (shown.state === state) return { shown, ms: await this.#took(shown) };
      if (!['looking', 'applying'].includes(shown.state))
        throw new Error(`it ended ${shown.state}: ${(shown.run ?? shown.preview)?.error?.message ?? ''}`);
      await wait(LOOK_EVERY_MS);
    }
  }

  async #took({ run, preview }: Import): Promise<number> {
    const { startedAt, finishedAt } = await this.#sent<{ startedAt: string; finishedAt: string }>(
      'GET',
      `/api/v1/runs/${(run ?? preview)?.id}`,
    );
    return Date.parse(finishedAt) - Date.parse(startedAt);
  }

  async #sent<Body>(
    method: string,
    path: string,
    type?: string,
    body?: string | ReadableStream,
    headers: Record<string, string> = {},
  ): Promise<Body> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Body;
  }
}

async function measure(
  path: string,
  rows: number,
  service: BenchService,
): Promise<{ floorMs: number; measured: Measured[] }> {
  const floors = [await csvFloor(path), await csvFloor(path), await csvFloor(path)].sort((a, b) => a - b);
  const floorMs = floors[1] ?? 0;
  const files = new Files(await service.newOrganisation());
  await files.settle();
  service.resetPeak();
  const before = service.peak();
  const measured: Measured[] = [];
  await service.longestDelay();
  const note = async (what: string, ms: number, target: number | null): Promise<void> => {
    const peak = service.peak();
    const grownMiB = peak === null || before === null ? null : (peak - before) / MIB;
    const delayMs = await service.longestDelay();
    measured.push({ what, ms, ratio: ms / floorMs, grownMiB, delayMs, target });
    service.resetPeak();
  };
  const began = performance.now();
  const first = await files.upload(path);
  await note('upload', performance.now() - began, null);
  const { shown, ms: preview } = await files.until(first, 'ready');
  await note('preview, all new', preview, MOST.preview);
  const { ms: applied } = await files.until(await files.confirm(shown), 'applied');
  await note('apply, all new', applied, MOST.apply);
  const { shown: known, ms: again } = await files.until(await files.upload(path), 'ready');
  await note('preview, unchanged', again, MOST.preview);
  if (known.unchanged !== rows)
    throw new Error(`${rows - known.unchanged} rows of the same file would change somebody`);
  return { floorMs, measured };
}

function missed({ ms, ratio, target, grownMiB, delayMs }: Measured): boolean {
  if (ms > MOST.ms || delayMs > MOST.delayMs) return true;
  return (target !== null && ratio > target) || (grownMiB ?? 0) > MOST.memoryMiB;
}

async function bench(): Promise<void> {
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1 || rows > 250_000) {
    console.error(HELP);
    process.exitCode = 2;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-csv-'));
  const service = new BenchService(null, values.database ?? null);
  try {
    const path = join(folder, 'people.csv');
    await writePeopleFile(path, { rows });
    await service.start();
    const { floorMs, measured } = await measure(path, rows, service);
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows, floorMs, measured }, null, 2));
    else {
      const table = new Table({
        head: ['what', 'ms', 'times the floor', 'at most', 'MiB more', 'longest delay, ms', ''],
        style: { head: [], border: [] },
      });
      for (const one of measured)
        table.push([
          one.what,
          Math.round(one.ms),
          one.ratio.toFixed(1),
          one.target ?? '–',
          one.grownMiB === null ? '–' : Math.round(one.grownMiB),
          Math.round(one.delayMs),
          missed(one) ? '✗' : '✓',
        ]);
      console.log(
        `${JSON.stringify(machine())}\n${rows} rows, csv-parse alone: ${Math.round(floorMs)} ms\n${table.toString()}`,
      );
    }
    if (measured.some(missed)) process.exitCode = 1;
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help) console.log(HELP);
else await bench();
