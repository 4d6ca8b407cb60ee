import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startService, type TestService } from '../../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const FILE = {
  name: 'Engineering',
  positions: [
    { name: 'Junior', aliases: ['Jr. Engineer', 'Trainee'] },
    { name: 'Senior', aliases: [] },
  ],
  teams: [{ name: 'Apps', aliases: ['Applications'] }],
};

describe('a framework as a file', () => {
  it('is made whole, and comes out of another organisation as it went in', async () => {
    const made = await service.api<{ id: string; name: string }>('POST', '/api/v1/frameworks/import', FILE);
    expect([made.status, made.body.name]).toEqual([201, 'Engineering']);
    const out = await service.api('GET', `/api/v1/frameworks/${made.body.id}/export`);
    expect(out.body).toEqual(FILE);
    const other = await service.newOrganisation();
    const again = await other.api<{ id: string }>('POST', '/api/v1/frameworks/import', out.body);
    expect((await other.api('GET', `/api/v1/frameworks/${again.body.id}/export`)).body).toEqual(FILE);
    const positions = await other.api<{ items: { name: string; rank: number }[] }>('GET', '/api/v1/positions');
    expect(positions.body.items.map(({ name, rank }) => [name, rank])).toEqual([['Junior', 1], ['Senior', 2]]); // prettier-ignore
  });

  it('gives itself to a team that is here without one, and takes none from another', async () => {
    const { api } = await service.newOrganisation();
    await api('POST', '/api/v1/teams', { name: 'apps' });
    expect((await api('POST', '/api/v1/frameworks/import', FILE)).status).toBe(201);
    expect((await api<{ items: object[] }>('GET', '/api/v1/teams')).body.items).toHaveLength(1);
    const taken = await api('POST', '/api/v1/frameworks/import', { name: 'Other', teams: [{ name: 'Apps' }] });
    expect([taken.status, taken.text]).toEqual([422, expect.stringContaining('import.framework_invalid')]);
    expect((await api<{ items: object[] }>('GET', '/api/v1/frameworks')).body.items).toHaveLength(1);
  });

  it.each([
    ['a name that is there', FILE, 409, 'framework.exists'],
    ['a position twice', { name: 'X', positions: [{ name: 'A' }, { name: ' a ' }] }, 422, 'import.framework_invalid'],
    ['an alias in use', { name: 'X', positions: [{ name: 'A', aliases: ['trainee'] }] }, 409, 'alias.exists'],
    ['a field that there is not', { name: 'X', id: 'y' }, 400, 'request.invalid'],
  ])('is refused whole for %s', async (_what, body, status, code) => {
    const { api } = await service.newOrganisation();
    await api('POST', '/api/v1/frameworks/import', FILE);
    const before = (await api('GET', '/api/v1/positions')).text;
    const answer = await api('POST', '/api/v1/frameworks/import', body);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(code)]);
    expect((await api('GET', '/api/v1/positions')).text).toBe(before);
  });
});
