import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startService, type TestService } from '../support/service.js';
import { AuditHeads } from '../../src/audit/heads.service.js';
import { Installation } from '../../src/organisations/installation.service.js';
import { OrganisationDeletion } from '../../src/organisations/organisation-deletion.service.js';
import { Console } from './console.js';

interface Verified {
  organisations: { organisation: string; faults: { kind: string }[] }[];
}

jest.setTimeout(60_000);

/** The command line beside a service, whose heads it knows. */
describe('the audit log at the command line', () => {
  let service: TestService;
  let shell: Console;
  let folder: string;
  let heads: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-audit-'));
    heads = join(folder, 'heads.jsonl');
    service = await startService({ config: { audit: { headsFile: heads } } });
    shell = Console.beside(service.databaseUrl, service.secretKey);
  });
  afterAll(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });

  const sql = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: service.databaseUrl });
    await client.connect();
    await client.query(text);
    await client.end();
  };
  const verify = (...more: string[]) => shell.rollcall('audit', 'verify', '--heads', heads, ...more);

  it('is listed as before, with or without the word for it', async () => {
    const { slug } = service.organisation;
    const listed = await shell.json<{ items: unknown[] }>('audit', '-o', slug, '--action', 'organisation.created');
    expect(listed.items).toHaveLength(1);
    expect(await shell.json('audit', 'list', '-o', slug, '--action', 'organisation.created')).toEqual(listed);
  });

  it('is exported to a new file, and never over an old one', async () => {
    const { slug } = service.organisation;
    const file = join(folder, 'audit.jsonl');
    const { entries } = await shell.json<{ entries: number }>('audit', 'export', '-o', slug, '--to', file);
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(entries);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ position: entries, entry: { action: 'audit.exported' } });
    expect(await shell.rollcall('audit', 'export', '-o', slug, '--to', file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('left as it is'),
    });
  });

  it('G-02 ends with 0 while it is the one that was written, and with 6 when it is not, and says where', async () => {
    const beside = await service.newOrganisation();
    await service.app.get(AuditHeads, { strict: false }).exportAll();
    expect(await verify()).toMatchObject({ code: 0, out: expect.stringContaining('intact') });
    expect((await verify()).out).not.toContain('cannot be seen');
    await writeFile(join(folder, 'empty'), '');
    const without = await shell.rollcall('audit', 'verify', '--heads', join(folder, 'empty'));
    expect([without.code, without.out + without.err]).toEqual([0, expect.stringContaining('cannot be seen')]);

    await sql(`UPDATE audit_entry SET subject_id = 'another' WHERE organisation_id = '${beside.id}'
      AND seq = (SELECT min(seq) FROM audit_entry WHERE organisation_id = '${beside.id}')`);
    const broken = await verify();
    expect(broken.code).toBe(6);
    expect(broken.out).toContain(`${beside.id} · place 1`);
    expect(broken.out).toContain('edited, or moved');
    expect((await verify('-o', service.organisation.slug)).code).toBe(0);
    expect((await verify('-o', beside.slug)).code).toBe(6);
    const report = await shell.json<{ intact: boolean }>('audit', 'verify', '--heads', heads, '-o', beside.slug);
    expect(report).toMatchObject({
      intact: false,
      organisations: [{ faultCount: 1, faults: [{ kind: 'altered', position: 1 }] }],
    });
  });

  it('G-02 misses an organisation that somebody took away whole, and not one that was deleted in the order of things', async () => {
    const [stolen, deleted] = [await service.newOrganisation(), await service.newOrganisation()];
    const installation = await service.app.get(Installation, { strict: false }).ensure();
    await service.app.get(AuditHeads, { strict: false }).exportAll();
    for (const { id } of [stolen, deleted])
      await sql(`UPDATE organisation SET delete_after = now() - interval '1 hour' WHERE id = '${id}'`);
    await service.app.get(OrganisationDeletion, { strict: false }).deleteDue();
    const gone = await shell.json<Verified>('audit', 'verify', '--heads', heads);
    expect(gone.organisations.flatMap(({ faults }) => faults).filter(({ kind }) => kind === 'gone')).toEqual([]);
    // As whoever keeps the database would: the rows, and the one that tells of it.
    await sql(`DELETE FROM audit_link WHERE organisation_id = '${installation}';
      DELETE FROM audit_entry WHERE organisation_id = '${installation}' AND subject_id = '${stolen.id}'`);
    const missed = await shell.rollcall('audit', 'verify', '--heads', heads);
    expect(missed.code).toBe(6);
    expect(missed.out).toContain(`${stolen.id} · place`);
    expect(missed.out).toContain('does not say that it was deleted');
    expect(missed.out).not.toContain(`${deleted.id} · `);
    const later = new Date(Date.now() + 60_000).toISOString();
    const restored = await shell.json<Verified>('audit', 'verify', '--heads', heads, '--since-restore', later);
    expect(restored.organisations.flatMap(({ faults }) => faults).filter(({ kind }) => kind === 'gone')).toEqual([]);
  });

  it('asks for a file of heads that is there, and for a time that is one', async () => {
    expect(await shell.rollcall('audit', 'verify', '--heads', join(folder, 'nowhere'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no file'),
    });
    expect((await verify('--since-restore', 'yesterday')).code).toBe(2);
    expect((await verify('--since-restore', '2026-11-22T10:00:00Z')).code).toBe(6);
  });
});
