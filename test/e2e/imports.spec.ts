import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { importing, TEXT_CSV, type Importing } from '../support/imports.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let files: Importing;
beforeEach(async () => {
  service = await startService();
  files = importing(service);
});
afterEach(() => service.close());

const HEADER = 'email,first_name,last_name,account_active,position,team,manager_email,admin';
const STAFF = [
  HEADER,
  'ada@acme.example,Ada,King,Active,,,grace@acme.example,no',
  'Bo@acme.example,Bo,,Pending,,,,',
  'cy@acme.example,Cy,,Archived,,,,',
  'grace@acme.example,Grace,Hopper,Active,,,,yes',
].join('\r\n');

const count = async (table: string): Promise<number> =>
  (await files.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]?.n ?? -1;

const downloads = (): Promise<object[]> =>
  files.rows(
    `SELECT actor->>'kind' AS actor, subject_id AS subject, run_id AS run, detail FROM audit_entry
      WHERE action = 'import.downloaded' ORDER BY seq`,
  );

describe('V-01 a file of people over the API', () => {
  it('is shown first, and changes nobody by that; then it is confirmed with the hash of what was shown', async () => {
    const shown = await files.look(STAFF);
    expect(shown).toMatchObject({
      state: 'ready',
      rows: 4,
      faulty: 0,
      admins: 1,
      encoding: 'utf-8',
      delimiter: ',',
      preview: { state: 'ready', counts: { add: 3, skip: 1, archive: 0 } },
      invitations: { people: 2 },
      archivesToConfirm: null,
      run: null,
    });
    expect([await count('person'), await count('invitation'), await count('mail')]).toEqual([0, 0, 0]);
    expect((await files.lines(shown.id)).map(({ line, kind, label }) => [line, kind, label])).toEqual([
      [2, 'add', 'Ada King <ada@acme.example>'],
      [3, 'add', 'Bo <Bo@acme.example>'],
      [4, 'skip', 'Cy <cy@acme.example>'],
      [5, 'add', 'Grace Hopper <grace@acme.example>'],
    ]);
    const wrong = await files.confirm({ ...shown, preview: { ...shown.preview!, planHash: '0'.repeat(64) } });
    expect([wrong.status, wrong.text]).toEqual([409, expect.stringContaining('import.outdated')]);
    expect(await count('person')).toBe(0);
    expect(await files.confirm(shown)).toMatchObject({ status: 202, body: { state: 'applying', invitations: null } });
    await files.run();
    const applied = { state: 'applied', run: { counts: { add: 3 } }, invitations: { people: 2, waiting: 2 } };
    expect(await files.show(shown.id)).toMatchObject(applied);
    expect(await files.people()).toEqual([
      'ada@acme.example active Ada King grace@acme.example csv',
      'bo@acme.example pending Bo csv',
      'grace@acme.example active Grace Hopper admin csv',
    ]);
    expect(await files.rows('SELECT email_canonical FROM invitation ORDER BY 1')).toEqual([
      { emailCanonical: 'ada@acme.example' },
      { emailCanonical: 'grace@acme.example' },
    ]);
    expect((await files.confirm(shown)).status).toBe(409);
  });

  it('unknown columns are shown and ignored; one that no file can set is refused', async () => {
    const shown = await files.look('E-Mail,Shoe size\nada@acme.example,42\n');
    expect(shown.columns).toEqual([
      { name: 'E-Mail', field: 'email' },
      { name: 'Shoe size', field: null },
    ]);
    const refused = await files.look('email,organisationId\nada@acme.example,1\n');
    expect(refused).toMatchObject({
      state: 'refused',
      fault: { code: 'refused_column', line: 1, column: 'organisationId' },
    });
    expect((await files.confirm({ ...shown, id: refused.id })).status).toBe(409);
  });

  it('whoever comes under a new address and an old name is pointed out', async () => {
    await files.apply('email,first_name,last_name\nada@acme.example,Ada,King\n');
    const shown = await files.look('email,first_name,last_name\nada.king@acme.example,Ada,King\n');
    expect(shown.namesakes).toBe(1);
    expect((await files.lines(shown.id))[0]?.notes).toEqual(['namesake']);
  });
});

describe('V-02 rows with faults', () => {
  const rows = [HEADER, ...Array.from({ length: 10_000 }, (_, at) => `p${at}@acme.example,P,${at},Pending,,,,`)];
  rows[4_321] = 'p4320@acme.example,P,4320,Maybe,,,,';

  it('one of ten thousand keeps the whole file from being applied, unless it is left out', async () => {
    const shown = await files.look(rows.join('\n'));
    expect(shown).toMatchObject({
      state: 'ready',
      faulty: 1,
      rows: 10_000,
      preview: { counts: { add: 9_999, skip: 1 } },
    });
    expect(await files.lines(shown.id, '&faulty=true')).toMatchObject([
      {
        line: 4_322,
        faulty: true,
        field: 'state',
        label: 'p4320@acme.example',
        because: 'Write Active, Pending or Archived, or leave it empty.',
      },
    ]);
    const refused = await files.confirm(shown);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('import.faulty_rows')]);
    expect(await count('person')).toBe(0);
    const chosen = await files.change(shown.id, { leaveOutFaulty: true });
    expect((await files.confirm(chosen)).status).toBe(202);
    await files.run();
    expect(await files.show(shown.id)).toMatchObject({ state: 'applied' });
    expect(await count('person')).toBe(9_999);
    const report = await service.api('GET', `/api/v1/imports/${shown.id}/report.csv`);
    expect(report.headers.get('content-type')).toContain('text/csv');
    expect(report.headers.get('content-disposition')).toBe(`attachment; filename="import-${shown.id}.csv"`);
    const lines = report.text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(10_001);
    expect(lines[4_321]).toBe(
      '4322,faulty,p4320@acme.example,account_active,"Write Active, Pending or Archived, or leave it empty.",',
    );
    expect(lines[1]).toContain('2,add: applied,P 0 <p0@acme.example>');
  });

  it('V-02 whoever downloads what became of them is in the audit log, with how many they are', async () => {
    const shown = await files.look(STAFF);
    const admin = await service.session();
    for (const by of [service.api, admin.api])
      expect((await by('GET', `/api/v1/imports/${shown.id}/report.csv`)).status).toBe(200);
    expect(await downloads()).toEqual([
      { actor: 'key', subject: shown.id, run: shown.preview?.id, detail: { rows: 4 } },
      { actor: 'person', subject: shown.id, run: shown.preview?.id, detail: { rows: 4 } },
    ]);
    const key = await service.newKey(service.organisation.id, { scopes: ['people:read'] });
    expect((await service.api('GET', `/api/v1/imports/${shown.id}/report.csv`, undefined, { key })).status).toBe(403);
    expect(await downloads()).toHaveLength(2);
  });
});

describe('V-03 who is not in the file', () => {
  it('stays as they are, and who is named as archived goes once the number is confirmed', async () => {
    const all = Array.from({ length: 20 }, (_, at) => `p${at}@acme.example,Active`);
    await files.apply(['email,account_active', ...all].join('\n'));
    expect((await files.apply(['email,account_active', ...all.slice(0, 10)].join('\n'))).run?.counts).toMatchObject({
      archive: 0,
      update: 0,
    });
    expect((await files.people()).filter((one) => one.includes(' active '))).toHaveLength(20);
    const gone = all.slice(0, 12).map((row) => row.replace('Active', 'Archived'));
    const shown = await files.look(['email,account_active', ...gone].join('\n'));
    expect(shown.archivesToConfirm).toBe(12);
    for (const more of [{}, { archives: 11 }]) {
      const refused = await files.confirm(shown, more);
      expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('import.removals_unconfirmed')]);
    }
    expect((await files.confirm(shown, { archives: 12 })).status).toBe(202);
    await files.run();
    expect((await files.people()).filter((one) => one.includes(' archived csv'))).toHaveLength(12);
  });
});

describe('V-04 the same file again', () => {
  it('changes nothing and invites nobody a second time', async () => {
    await files.apply(STAFF);
    const before = [await files.people(), await count('event'), await count('invitation')];
    const again = await files.apply(STAFF);
    expect(again).toMatchObject({ state: 'applied', unchanged: 3, run: { counts: { add: 0, update: 0, archive: 0 } } });
    expect([await files.people(), await count('event'), await count('invitation')]).toEqual(before);
    const report = await service.api('GET', `/api/v1/imports/${again.id}/report.csv`);
    expect(
      report.text
        .trimEnd()
        .split('\r\n')
        .map((line) => line.split(',').slice(0, 2).join(' ')),
    ).toEqual(['line result', '2–3 unchanged', '4 left as is', '5 unchanged']);
  });
});

describe('V-10 the same address twice', () => {
  it('is merged where both say the same, and both are faulty where they do not', async () => {
    const shown = await files.look(
      [
        'email,first_name',
        'ada@acme.example,Ada',
        'ADA@acme.example,Ada',
        'bo@acme.example,Bo',
        'bo@acme.example,Bob',
      ].join('\n'),
    );
    expect(shown).toMatchObject({ faulty: 2, repeated: 1, preview: { counts: { add: 1 } } });
    expect((await files.lines(shown.id)).map(({ line, faulty, because }) => [line, faulty, because])).toEqual([
      [2, false, expect.any(String)],
      [3, false, 'Line 2 says the same.'],
      [4, true, 'Line 5 has the same address and says something else.'],
      [5, true, 'Line 4 has the same address and says something else.'],
    ]);
  });

  it('also where the first of them would change nothing', async () => {
    await files.apply('email,first_name\nbo@acme.example,Bo\ncy@acme.example,Cy\n');
    const shown = await files.look('email,first_name\nbo@acme.example,Bo\ncy@acme.example,Cy\nbo@acme.example,Bob\n');
    expect(shown).toMatchObject({ faulty: 2, unchanged: 1 });
    expect((await files.lines(shown.id, '&faulty=true')).map(({ line }) => line).sort()).toEqual([2, 4]);
  });
});

describe('V-11 who may make admins', () => {
  it('is asked of whoever uploads and of whoever confirms; nobody is made an owner', async () => {
    await files.apply('email,account_active,admin\nroot@acme.example,Active,yes\n');
    const key = await service.newKey(service.organisation.id, { scopes: ['imports:read', 'imports:write'] });
    const text = 'email,account_active,admin\nada@acme.example,Active,yes\n';
    const mine = await service.api<{ id: string }>('POST', '/api/v1/imports', text, { key, headers: TEXT_CSV });
    await files.run();
    expect(await files.show(mine.body.id)).toMatchObject({ faulty: 1, preview: { counts: { add: 0 } } });
    const byAdmin = await files.look(text);
    const confirmed = await service.api(
      'POST',
      `/api/v1/imports/${byAdmin.id}/confirm`,
      { planHash: byAdmin.preview?.planHash },
      { key },
    );
    expect([confirmed.status, confirmed.text]).toEqual([403, expect.stringContaining('people:admin')]);
    expect(await files.lines((await files.look('email,admin\nada@acme.example,owner\n')).id)).toMatchObject([
      { faulty: true, field: 'admin' },
    ]);
  });
});

describe('teams and positions of a file', () => {
  it('are listed, and made once that was asked for', async () => {
    const text = 'email,team\nada@acme.example,Night shift\n';
    const shown = await files.look(text);
    expect(shown.missingTeams).toEqual(['Night shift']);
    const run = await files.apply(text, { createTeams: true });
    expect(run.state).toBe('applied');
    expect(await files.people()).toEqual(['ada@acme.example pending Night shift csv']);
    const { body } = await service.api<{ items: object[] }>('GET', '/api/v1/teams');
    expect(body.items).toMatchObject([{ name: 'Night shift', origin: 'csv' }]);
  });

  it('V-10 are not made when every row that names them is left out', async () => {
    const framework = await service.api<{ id: string }>('POST', '/api/v1/frameworks', { name: 'Engineering' });
    await service.api('POST', '/api/v1/teams', { name: 'Apps', frameworkId: framework.body.id });
    await files.apply('email,account_active,admin\nroot@acme.example,Active,yes\n');
    const shown = await files.look(
      [
        'email,first_name,team,position,admin',
        'ada@acme.example,Ada,Ghosts,,',
        'ada@acme.example,Eda,Phantoms,,',
        'bo@acme.example,Bo,Apps,Poltergeist,',
        'bo@acme.example,Bob,Apps,,',
        'cy@acme.example,Cy,Night shift,,',
        'cy@acme.example,Cyd,,,',
        'di@acme.example,Di,night shift,,',
        'eve@acme.example,Eve,Apps,Lead,',
        'eve@acme.example,Eva,Apps,,',
        'fay@acme.example,Fay,Apps,lead,',
        // The last admin stays one, so nothing of the row is applied.
        'root@acme.example,Root,Nowhere,,no',
      ].join('\n'),
    );
    const chosen = await files.change(shown.id, { createTeams: true, createPositions: true, leaveOutFaulty: true });
    const made = (await files.lines(shown.id)).filter(({ kind }) => kind === 'team' || kind === 'position');
    expect(made.map(({ kind, label }) => `${kind} ${label}`)).toEqual(['team Night shift', 'position Lead']);
    expect((await files.confirm(chosen)).status).toBe(202);
    await files.run();
    expect(await files.show(shown.id)).toMatchObject({ state: 'applied', faulty: 8, run: { counts: { add: 2 } } });
    expect(await files.rows('SELECT name FROM team UNION ALL SELECT name FROM position ORDER BY 1')).toEqual([
      { name: 'Apps' },
      { name: 'Lead' },
      { name: 'Night shift' },
    ]);
    expect((await files.people()).filter((one) => !one.startsWith('root@'))).toEqual([
      'di@acme.example pending Di Night shift csv',
      'fay@acme.example pending Fay Apps Lead csv',
    ]);
  });

  it('the template names them as examples, and is a file that can be read', async () => {
    const framework = await service.api<{ id: string }>('POST', '/api/v1/frameworks', { name: 'Engineering' });
    await service.api('POST', '/api/v1/positions', { name: '=Lead', frameworkId: framework.body.id });
    await service.api('POST', '/api/v1/teams', { name: 'Apps', frameworkId: framework.body.id });
    const template = await service.api('GET', '/api/v1/imports/template.csv');
    expect(template.text).toContain(`person.1@example.com,Person,Number 1,Pending,'=Lead,Apps,manager@example.com,no`);
    expect(await files.look(template.text)).toMatchObject({
      faulty: 0,
      missingTeams: [],
      missingPositions: [],
      preview: { counts: { add: 2 } },
    });
  });
});

describe('undo and discard', () => {
  it('takes back what was applied, after a look at that', async () => {
    const done = await files.apply(STAFF);
    const undo = await service.api<{ runId: string }>('POST', `/api/v1/imports/${done.id}/undo`);
    expect(undo.status).toBe(202);
    await files.run();
    expect((await service.api('POST', `/api/v1/runs/${undo.body.runId}/confirm`, {})).status).toBe(202);
    await files.run();
    expect((await files.people()).map((one) => one.split(' ')[1])).toEqual(['archived', 'archived', 'active']);
    expect(await files.rows(`SELECT FROM invitation WHERE closed_at IS NULL`)).toHaveLength(0);
  });

  it('V-19 a file that is discarded is gone at once, and so is one that was applied', async () => {
    const shown = await files.look(STAFF);
    expect(await count('import_chunk')).toBe(1);
    expect((await service.api('DELETE', `/api/v1/imports/${shown.id}`)).status).toBe(204);
    expect(await count('import_chunk')).toBe(0);
    expect(await files.show(shown.id)).toMatchObject({ state: 'discarded' });
    await files.apply(STAFF);
    expect(await count('import_chunk')).toBe(0);
  });
});
