import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { importing, TEXT_CSV, type Importing, type Shown } from '../support/imports.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let files: Importing;
beforeEach(async () => {
  service = await startService();
  files = importing(service);
});
afterEach(() => service.close());

/** As somebody who may import, and may not make admins. */
const lesser = (): Promise<string> =>
  service.newKey(service.organisation.id, { scopes: ['imports:read', 'imports:write', 'runs:read', 'runs:confirm'] });
const confirmAs = (key: string, { id, preview }: Shown) =>
  service.api('POST', `/api/v1/imports/${id}/confirm`, { planHash: preview?.planHash }, { key });
const admins = async (): Promise<string[]> =>
  (await files.people()).filter((one) => one.includes(' active ') && one.includes(' admin'));
const PENDING = ['email,account_active,admin', 'root@acme.example,Active,yes', 'ada@acme.example,Pending,yes'];
const LET_IN = 'email,account_active\nada@acme.example,Active\n';

describe('V-11 nobody becomes an admin by the word of somebody who may not make admins', () => {
  it('not by letting in an admin who waits', async () => {
    await files.apply(PENDING.join('\n'));
    const key = await lesser();
    const { body } = await service.api<Shown>('POST', '/api/v1/imports', LET_IN, { key, headers: TEXT_CSV });
    await files.run();
    const shown = await files.show(body.id);
    expect(shown).toMatchObject({ faulty: 1, preview: { counts: { update: 0 } } });
    expect(await files.lines(body.id)).toMatchObject([{ line: 2, faulty: true, field: 'state' }]);
  });

  it('not by confirming what somebody else had looked at', async () => {
    await files.apply(PENDING.join('\n'));
    const key = await lesser();
    const letIn = await files.look(LET_IN);
    expect((await confirmAs(key, letIn)).status).toBe(403);

    await files.apply('email,account_active\nada@acme.example,Archived\n');
    const back = await files.look('email,account_active,admin\nada@acme.example,Active,yes\n');
    expect(back).toMatchObject({ admins: 1, preview: { counts: { restore: 1 } } });
    expect((await confirmAs(key, back)).status).toBe(403);
    await files.run();
    expect(await admins()).toEqual([expect.stringContaining('root@acme.example')]);
    // Whoever may make admins can.
    expect((await files.confirm(back)).status).toBe(202);
    await files.run();
    expect(await admins()).toHaveLength(2);
  });

  it('not by taking back that they were archived', async () => {
    await files.apply(PENDING.join('\n').replace('Pending', 'Active'));
    const archived = await files.apply('email,account_active\nada@acme.example,Archived\n');
    const key = await lesser();
    const undo = await service.api<{ id: string }>('POST', `/api/v1/imports/${archived.id}/undo`, undefined, { key });
    expect(undo.status).toBe(202);
    await files.run();
    const { runId } = undo.body as unknown as { runId: string };
    expect((await service.api('POST', `/api/v1/runs/${runId}/confirm`, {}, { key })).status).toBe(202);
    await files.run();
    expect((await files.people())[0]).toBe('ada@acme.example active csv');
    expect(await admins()).toEqual([expect.stringContaining('root@acme.example')]);
  });
});

describe('V-19 G-06 what a file says of people', () => {
  const NOT_UTF8 = Buffer.concat([Buffer.from('email,first_name\ncanary@acme.example,Ren'), Buffer.from([0xe9, 0x0a])]);

  it('goes with the file, also the lines that showed which encoding to choose', async () => {
    const shown = await files.look(NOT_UTF8);
    expect(shown.fault?.samples).toHaveLength(1);
    expect((await service.api('DELETE', `/api/v1/imports/${shown.id}`)).status).toBe(204);
    expect(JSON.stringify(await files.rows('SELECT found FROM import'))).not.toContain('canary');
  });

  it('goes with whoever is erased, also from the rows that changed nobody', async () => {
    const text = [
      'email,account_active,admin',
      'Canary@Acme.example,Archived,maybe',
      'canary@acme.example,Active,no',
      'canary@acme.example,Active,no',
    ];
    await files.apply(text.join('\n'), { leaveOutFaulty: true });
    await files.apply('email,account_active\ncanary@acme.example,Archived\n');
    const { body } = await service.api<{ items: { id: string }[] }>('GET', '/api/v1/people?state=archived');
    const [person] = body.items;
    const erased = await service.api('POST', `/api/v1/people/${person?.id ?? ''}/erase`, {
      confirm: 'canary@acme.example',
    });
    expect([200, 202, 204]).toContain(erased.status);
    expect(JSON.stringify(await files.rows('SELECT label, reason FROM planned_change'))).not.toMatch(/canary/iu);
  });
});
