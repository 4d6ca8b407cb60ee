import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { beginningOf, hashAfter, type ChainedEntry } from '../../src/audit/chain.js';
import { AuditChain } from '../../src/audit/chain.service.js';
import { AuditHeads } from '../../src/audit/heads.service.js';
import { AuditVerifier, type ChainReport } from '../../src/audit/verify.service.js';
import { ManualClock } from '../../src/common/clock.js';
import { until } from '../support/patience.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

const DAY = 24 * 3_600_000;

it('G-02 the schedule chains what is written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-heads-'));
  const headsFile = join(folder, 'heads.jsonl');
  const config = { schedule: { enabled: true }, audit: { headsFile, chainEveryMs: 50 } };
  const service = await startService({ config });
  try {
    await service.api('POST', '/api/v1/teams', { name: 'One' });
    const unchained = (): Promise<{ n: number }> =>
      service.database.asMigrate((tx) =>
        tx.one<{ n: number }>(
          `SELECT count(*) AS n FROM audit_entry e
            WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.organisation_id = e.organisation_id AND l.seq = e.seq)`,
        ),
      );
    await until('the last entry to be chained', async () => (await unchained()).n === 0);
  } finally {
    await service.close();
    await rm(folder, { recursive: true, force: true });
  }
});

describe('G-02 the audit log is a chain', () => {
  const clock = new ManualClock(new Date());
  let folder: string;
  let headsFile: string;
  let service: TestService;
  let acme: TestOrganisation;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-heads-'));
    headsFile = join(folder, 'deep', 'heads.jsonl');
    service = await startService({ clock, config: { audit: { headsFile } } });
  });
  afterAll(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    acme = await service.newOrganisation();
    for (const name of ['One', 'Two', 'Three', 'Four', 'Five']) await acme.api('POST', '/api/v1/teams', { name });
  });

  const get = <T>(type: new (...parts: never[]) => T): T => service.app.get(type, { strict: false });
  const asMigrate = (text: string, values: unknown[] = []): Promise<number> =>
    service.database.asMigrate((tx) => tx.execute(text, values));
  /** Numbers of the organisation's entries, in order. */
  const seqs = (): Promise<number[]> =>
    service.database.asMigrate(async (tx) =>
      (
        await tx.query<{ seq: number }>('SELECT seq FROM audit_entry WHERE organisation_id = $1 ORDER BY seq', [
          acme.id,
        ])
      ).map(({ seq }) => seq),
    );
  const verify = async (file: string | null = null, restoredAt: Date | null = null): Promise<ChainReport> =>
    get(AuditVerifier).verify(acme.id, (await get(AuditHeads).read(file))(acme.id), restoredAt);
  const kinds = async (...given: Parameters<typeof verify>): Promise<string[]> =>
    (await verify(...given)).faults.map(({ kind }) => kind);
  const pick = async (at: number): Promise<number> => (await seqs()).at(at) ?? 0;

  it('is intact as it was written, and goes on where it ended', async () => {
    await get(AuditHeads).exportAll();
    const before = await verify();
    expect(before).toMatchObject({ intact: true, waiting: 0, faultCount: 0, heads: { agreed: 1 } });
    expect(before.chained).toBe((await seqs()).length);
    await acme.api('POST', '/api/v1/teams', { name: 'Six' });
    expect(await verify()).toMatchObject({ intact: true, chained: before.chained + 1 });
  });

  it('is made by the looks of the schedule, behind the writers, each organisation by itself', async () => {
    const beside = await service.newOrganisation();
    await get(AuditChain).look();
    const lengths = await service.database.asMigrate((tx) =>
      tx.query<{ id: string; links: number; entries: number }>(
        `SELECT o.id, (SELECT count(*) FROM audit_link l WHERE l.organisation_id = o.id) AS links,
                (SELECT count(*) FROM audit_entry e WHERE e.organisation_id = o.id) AS entries
           FROM organisation o WHERE o.id = ANY($1)`,
        [[acme.id, beside.id]],
      ),
    );
    expect(lengths).toHaveLength(2);
    for (const { links, entries } of lengths) expect([links, entries > 0]).toEqual([entries, true]);
  });

  it('two that chain at once make one chain', async () => {
    await Promise.all(Array.from({ length: 6 }, () => get(AuditChain).extend(acme.id)));
    expect(await verify()).toMatchObject({ intact: true, chained: (await seqs()).length });
  });

  it('gives an entry that was committed late the next place, and is intact', async () => {
    const late = (await seqs()).at(-1) ?? 0;
    await asMigrate('UPDATE audit_entry SET seq = seq + 1000000 WHERE organisation_id = $1 AND seq > $2', [
      acme.id,
      late - 1,
    ]);
    await get(AuditChain).extend(acme.id);
    await service.database.asMigrate((tx) =>
      tx.execute(
        `INSERT INTO audit_entry (organisation_id, seq, action, actor, subject_kind, subject_id)
         VALUES ($1, $2, 'team.created', '{"kind":"system"}', 'team', 'late')`,
        [acme.id, late],
      ),
    );
    expect(await verify()).toMatchObject({ intact: true, chained: (await seqs()).length });
  });

  it.each([
    ['action', `'team.deleted'`],
    ['actor', `'{"kind":"system"}'`],
    ['subject_id', `'another'`],
    ['address', `'203.0.113.9'`],
    ['outcome', `'refused'`],
    ['detail', `'{"fields":[]}'`],
    ['at', `at + interval '1 microsecond'`],
  ])('finds an edit of %s', async (column, value) => {
    await get(AuditChain).extend(acme.id);
    await asMigrate(`UPDATE audit_entry SET ${column} = ${value} WHERE organisation_id = $1 AND seq = $2`, [
      acme.id,
      await pick(2),
    ]);
    expect(await verify()).toMatchObject({ intact: false, faults: [{ kind: 'altered', position: 3 }] });
  });

  it('finds a deletion', async () => {
    await get(AuditChain).extend(acme.id);
    await asMigrate('DELETE FROM audit_entry WHERE organisation_id = $1 AND seq = $2', [acme.id, await pick(2)]);
    expect(await verify()).toMatchObject({ faults: [{ kind: 'deleted', position: 3 }] });
  });

  it('finds a deletion together with its link', async () => {
    await get(AuditChain).extend(acme.id);
    const gone = await pick(2);
    for (const table of ['audit_entry', 'audit_link'])
      await asMigrate(`DELETE FROM ${table} WHERE organisation_id = $1 AND seq = $2`, [acme.id, gone]);
    expect(await verify()).toMatchObject({ faults: [{ kind: 'gap', position: 4 }] });
  });

  it('finds two entries that changed places', async () => {
    await get(AuditChain).extend(acme.id);
    const [one, two] = [await pick(1), await pick(3)];
    for (const [from, to] of [
      [one, -1],
      [two, one],
      [-1, two],
    ])
      // prettier-ignore
      await asMigrate('UPDATE audit_entry SET seq = $3 WHERE organisation_id = $1 AND seq = $2', [acme.id, from, to]);
    expect((await verify()).faults.map(({ kind, position }) => [kind, position])).toEqual([
      ['altered', 2],
      ['altered', 4],
    ]);
  });

  const insert = (seq: number, at: string): Promise<number> =>
    asMigrate(
      `INSERT INTO audit_entry (organisation_id, seq, at, action, actor, subject_kind, subject_id)
       VALUES ($1, $2, ${at}, 'team.created', '{"kind":"system"}', 'team', 'never')`,
      [acme.id, seq],
    );

  it('finds an entry that was put among old ones', async () => {
    const [first = 0] = await seqs();
    await asMigrate('UPDATE audit_entry SET seq = seq + 2000000 WHERE organisation_id = $1 AND seq > $2', [
      acme.id,
      first,
    ]);
    await get(AuditChain).extend(acme.id);
    clock.advance(DAY + 1);
    await insert(first + 1, 'now()');
    expect(await verify()).toMatchObject({ faults: [{ kind: 'inserted', position: null, seq: first + 1 }] });
  });

  it('finds an entry of today that says it is of last week', async () => {
    await insert((await pick(-1)) + 3_000_000, `now() - interval '7 days'`);
    expect(await kinds()).toEqual(['inserted']);
  });

  it('finds a tail that was cut, by the signed head, and not without it', async () => {
    await get(AuditHeads).exportAll();
    const [last, before] = [await pick(-1), await pick(-2)];
    for (const table of ['audit_link', 'audit_entry'])
      await asMigrate(`DELETE FROM ${table} WHERE organisation_id = $1 AND seq IN ($2, $3)`, [acme.id, last, before]);
    expect(await kinds()).toEqual(['cut']);
    const none = join(folder, 'none.jsonl');
    await writeFile(none, '');
    expect(await verify(none)).toMatchObject({ intact: true, heads: { agreed: 0 } });
  });

  it('finds a chain that was computed anew over other entries, by the signed head', async () => {
    await get(AuditHeads).exportAll();
    await asMigrate(`UPDATE audit_entry SET subject_id = 'x' WHERE organisation_id = $1 AND seq = $2`, [
      acme.id,
      await pick(1),
    ]);
    await asMigrate('DELETE FROM audit_link WHERE organisation_id = $1', [acme.id]);
    expect(await kinds()).toEqual(['rewritten']);
  });

  it('does not believe a head that nobody signed', async () => {
    await get(AuditHeads).exportAll();
    const lines = (await readFile(headsFile, 'utf8')).trim().split('\n');
    const own = lines.find((line) => line.includes(acme.id)) ?? '';
    const forged = join(folder, 'forged.jsonl');
    const head = JSON.parse(own) as { position: number };
    await writeFile(forged, `${JSON.stringify({ ...head, position: head.position + 1 })}\n`);
    expect(await kinds(forged)).toEqual(['forged_head']);
    await writeFile(forged, `${JSON.stringify({ ...head, key: 'another' })}\n`);
    expect(await verify(forged)).toMatchObject({ intact: true, heads: { agreed: 0, unknownKey: 1 } });
  });

  it('takes a restored backup for one when told when it was restored', async () => {
    await get(AuditHeads).exportAll();
    const last = await pick(-1);
    for (const table of ['audit_link', 'audit_entry'])
      await asMigrate(`DELETE FROM ${table} WHERE organisation_id = $1 AND seq = $2`, [acme.id, last]);
    expect(await kinds()).toEqual(['cut']);
    clock.advance(1000);
    expect(await verify(null, clock.now())).toMatchObject({ intact: true, heads: { superseded: 1 } });
  });

  it('writes a head only when it moved', async () => {
    await get(AuditHeads).exportAll();
    const before = await readFile(headsFile, 'utf8');
    expect(await get(AuditHeads).exportAll()).toBe(0);
    expect(await readFile(headsFile, 'utf8')).toBe(before);
    await acme.api('POST', '/api/v1/teams', { name: 'Seven' });
    expect(await get(AuditHeads).exportAll()).toBe(1);
  });

  it.each(['audit_link', 'erasure', 'audit_entry'])(
    'G-03 the service may not change or delete rows of %s',
    async (table) => {
      await get(AuditChain).extend(acme.id);
      for (const statement of [
        `UPDATE ${table} SET organisation_id = organisation_id`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ])
        // prettier-ignore
        await expect(service.database.asOrganisation(acme.id, (tx) => tx.execute(statement))).rejects.toThrow(
        /permission denied/,
      );
    },
  );

  it('is exported whole: whoever has the lines can compute every hash again', async () => {
    const answer = await acme.api('GET', '/api/v1/audit/export');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    const lines = answer.text.trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as { position: number; hash: string; entry: ChainedEntry });
    expect(all).toHaveLength((await seqs()).length);
    // T-08: entries of all organisations are numbered together, so that a number tells how busy the others are.
    for (const { entry } of all) expect(entry).not.toHaveProperty('seq');
    expect(all.at(-1)?.entry.action).toBe('audit.exported');
    let hash = beginningOf(acme.id);
    for (const [at, line] of all.entries()) {
      hash = hashAfter(hash, line.entry);
      expect([line.position, line.hash]).toEqual([at + 1, hash.toString('hex')]);
    }
  });
});
