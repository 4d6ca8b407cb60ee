import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

interface Line {
  seq: number;
  kind: string;
  label: string;
  externalId: string | null;
  reason: { text: string };
}

const FORMULAS = ['=HYPERLINK("http://evil.example","x")', '+1+1', '-2+3', '@SUM(A1)', '\tcmd'];

let world: RunWorld;
let runId: string;

beforeAll(async () => {
  world = await startRunWorld({ people: 20 });
  const people = world.company.employed();
  for (const [at, given] of FORMULAS.entries()) {
    const person = people[at];
    if (person) world.company.edit(person, { given, family: 'Said "so", twice' });
  }
  runId = (await world.firstSync()).id;
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** RFC 4180: cells between commas, quoted where they hold one, a quote doubled; lines end with CRLF. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gu)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

async function everyLine(): Promise<Line[]> {
  const { body } = await world.service.api<{ items: Line[] }>('GET', `/api/v1/runs/${runId}/plan?limit=200`);
  return body.items;
}

describe('the plan of a run as a file', () => {
  it('JSON has every line as the API shows it', async () => {
    const answer = await world.service.api<Line[]>('GET', `/api/v1/runs/${runId}/download?format=json`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="run-${runId}.json"`);
    expect(answer.body).toHaveLength(20);
    expect(answer.body).toEqual(await everyLine());
  });

  it('CSV has every line too, and no cell that a spreadsheet takes for a formula', async () => {
    const answer = await world.service.api('GET', `/api/v1/runs/${runId}/download?format=csv`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="run-${runId}.csv"`);
    const [header = [], ...rows] = cellsOf(answer.text);
    expect(header.slice(0, 7)).toEqual(['seq', 'kind', 'disposition', 'person', 'external_id', 'person_id', 'reason']);
    const lines = await everyLine();
    const plain = (text: string): string => (/^[=+\-@\t\r]/u.test(text) ? `'${text}` : text);
    expect(rows.map((row) => [row[0], row[1], row[3], row[4], row[6]])).toEqual(
      lines.map((line) => [String(line.seq), line.kind, plain(line.label), line.externalId, line.reason.text]),
    );
    const cells = rows.flat();
    expect(cells.filter((cell) => /^[=+\-@\t\r]/u.test(cell))).toEqual([]);
    expect(cells.filter((cell) => cell.startsWith("'")).length).toBeGreaterThanOrEqual(4);
  });

  it('V-14 CSV has a line of its own for every line, also where a label holds half an end of one', async () => {
    const label = 'two\nlines\rthree';
    await world.rows('UPDATE planned_change SET label = $1 WHERE run_id = $2 AND seq = 3', [label, runId]);
    const { text } = await world.service.api('GET', `/api/v1/runs/${runId}/download?format=csv`);
    const rows = parse(text, { bom: true, record_delimiter: ['\r\n', '\n', '\r'] });
    expect(rows).toHaveLength(21);
    expect(rows.find(([seq]) => seq === '3')?.[3]).toBe(label);
  });

  it('whoever downloads is in the audit log', async () => {
    const before = await world.rows("SELECT FROM audit_entry WHERE action = 'run.downloaded'");
    await world.service.api('GET', `/api/v1/runs/${runId}/download?format=csv`);
    const after = await world.rows("SELECT FROM audit_entry WHERE action = 'run.downloaded'");
    expect(after).toHaveLength(before.length + 1);
  });
});
