import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ImportsRepository } from '../../src/imports/imports.repository.js';
import { Previews } from '../../src/imports/previews.service.js';
import { Cleaning } from '../../src/schedule/cleaning.js';
import { importing, type Importing, type Shown } from '../support/imports.js';
import { scansOf } from '../support/scans.js';
import { startService, type TestService } from '../support/service.js';

const FILE = 'email,account_active\nada@acme.example,Pending\n';

let service: TestService;
let files: Importing;
beforeEach(async () => {
  service = await startService();
  files = importing(service);
});
afterEach(() => service.close());

const list = async (): Promise<{ status: number; items: Shown[] }> => {
  const { status, body } = await service.api<{ items: Shown[] }>('GET', '/api/v1/imports');
  return { status, items: body.items };
};

describe('the list of files of people', () => {
  it('V-01 shows each with its own runs, which are read together however many files there are', async () => {
    const done = await files.apply(FILE);
    const all = [await files.look(FILE), done];
    for (let more = 0; more < 3; more++) all.unshift(await files.look('email\nbo@acme.example\n'));
    const { items } = await list();
    expect(items.map(({ id, state, preview, run }) => [id, state, preview?.id, run?.id])).toEqual(
      all.map(({ id, state, preview, run }) => [id, state, preview?.id, run?.id]),
    );
    const [imports, previews] = [new ImportsRepository(), service.app.get(Previews, { strict: false })];
    for (const n of [1, 5]) {
      const rows = await service.database.asOrganisation(service.organisation.id, (tx) => imports.list(tx, null, n));
      expect(rows).toHaveLength(n);
      const { statements } = await scansOf(service, service.organisation.id, [], (tx) =>
        previews.runsOf(tx, service.organisation.id, rows),
      );
      expect(statements).toBe(1);
    }
  });

  it('G-10 what was found of a file goes with its runs, and nothing is in the way of the others', async () => {
    const [applied, looked, young] = [await files.apply(FILE), await files.look(FILE), await files.look(FILE)];
    const days = async (count: number, { preview, run }: Shown): Promise<void> => {
      await files.rows(`UPDATE run SET finished_at = now() - $1 * interval '1 day' WHERE id = ANY($2::uuid[])`, [
        count,
        [preview?.id, run?.id].filter((id) => id !== undefined),
      ]);
    };
    await days(91, applied);
    await days(91, looked);
    await days(89, young);
    await files.rows(`UPDATE import SET file_until = now() - interval '1 hour'`);
    // As it is between the two, and afterwards.
    await files.rows('DELETE FROM run WHERE id = $1', [looked.preview?.id]);
    expect((await list()).items.map(({ id }) => id)).toEqual([young.id, looked.id, applied.id]);
    await service.app.get(Cleaning, { strict: false }).cleanAll();
    expect((await list()).items.map(({ id }) => id)).toEqual([young.id]);
    expect((await service.api('GET', `/api/v1/imports/${applied.id}`)).status).toBe(404);
    expect(await files.people()).toEqual(['ada@acme.example pending csv']);
  });
});

describe('V-19 the bytes of a file', () => {
  const chunks = (): Promise<object[]> => files.rows('SELECT number FROM import_chunk');

  it('V-19 can be deleted before their time, also of one that was confirmed and then cancelled', async () => {
    const shown = await files.look(FILE);
    const { body } = await files.confirm(shown);
    const discard = (): Promise<{ status: number }> => service.api('DELETE', `/api/v1/imports/${shown.id}`);
    expect([(await discard()).status, await chunks()]).toEqual([409, [{ number: 0 }]]);
    expect((await service.api('POST', `/api/v1/runs/${body.run?.id}/cancel`)).status).toBe(202);
    expect([(await discard()).status, await chunks()]).toEqual([204, []]);
    expect((await files.show(shown.id)).state).toBe('cancelled');
    expect((await discard()).status).toBe(204);
    expect(await files.rows(`SELECT FROM audit_entry WHERE action = 'import.discarded'`)).toHaveLength(1);
  });

  it('V-19 stay as they were when somebody in them is erased, and go as they would have', async () => {
    await files.apply(FILE);
    const shown = await files.look(FILE);
    const [ada] = await files.rows<{ id: string }>('SELECT id FROM person');
    expect((await service.api('POST', `/api/v1/people/${ada?.id}/archive`)).status).toBe(200);
    expect((await service.api('POST', `/api/v1/people/${ada?.id}/erase`, { confirm: 'ada@acme.example' })).status).toBe(
      204,
    );
    expect(await chunks()).toHaveLength(1);
    expect((await service.api('DELETE', `/api/v1/imports/${shown.id}`)).status).toBe(204);
    expect(await chunks()).toEqual([]);
  });
});

it('V-18 an upload that its process left behind can be deleted once nobody can be at it any more', async () => {
  const { id } = await files.look(FILE);
  const begun = (secondsAgo: number): Promise<unknown> =>
    files.rows(
      `UPDATE import SET state = 'uploading', preview_id = NULL, created_at = now() - $2 * interval '1 second' WHERE id = $1`,
      [id, secondsAgo],
    );
  const discard = (): Promise<{ status: number }> => service.api('DELETE', `/api/v1/imports/${id}`);
  await begun(600);
  expect((await discard()).status).toBe(409);
  await begun(700);
  expect((await discard()).status).toBe(204);
  expect([(await list()).items, await files.rows('SELECT number FROM import_chunk')]).toEqual([[], []]);
});
