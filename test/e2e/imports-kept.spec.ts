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
