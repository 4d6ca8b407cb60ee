import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../src/common/clock.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';
import { adding, PeopleWorld, updating } from '../../support/people.js';

let db: TestDatabase;
let world: PeopleWorld;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  world = new PeopleWorld(db.database, await insertOrganisation(db.database), new ManualClock('2026-03-01T08:00:00Z'));
});

describe('managers', () => {
  it('never form a loop: an edge that would close one is stale, whatever its plan knew', async () => {
    const [ana = '', bo = '', cy = ''] = await world.add('Ana Silva', 'Bo Berg', 'Cy Dahl');
    expect(await world.apply([updating(ana, { managerId: bo })])).toEqual(['applied']);
    expect(await world.apply([updating(bo, { managerId: cy, firstName: 'Bob' })])).toEqual(['applied']);
    const closing = [updating(cy, { managerId: ana, firstName: 'Cyd' }), updating(bo, { firstName: 'Bert' })];
    expect(await world.apply(closing)).toEqual(['stale', 'applied']);
    expect(await world.person(cy)).toMatchObject({ managerId: null, firstName: 'Cy' });
    expect(await world.apply([updating(cy, { managerId: cy })])).toEqual(['stale']);
  });

  it('that close a loop in one batch are refused, all of them, and no others', async () => {
    const [ana = '', bo = '', cy = ''] = await world.add('Ana Silva', 'Bo Berg', 'Cy Dahl');
    const changes = [
      updating(ana, { managerId: bo }),
      updating(bo, { managerId: ana }),
      updating(cy, { managerId: ana }),
    ];
    expect(await world.apply(changes)).toEqual(['stale', 'stale', 'applied']);
  });

  it('of somebody who joins in the same batch are looked at as well', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    const bo = adding('Bo Berg', { managerId: ana });
    expect(await world.apply([bo, updating(ana, { managerId: bo.personId })])).toEqual(['applied', 'stale']);
  });

  it('that turn round in one batch are given', async () => {
    const [ana = '', bo = ''] = await world.add('Ana Silva', 'Bo Berg');
    await world.apply([updating(ana, { managerId: bo })]);
    const turned = [updating(ana, { managerId: null }), updating(bo, { managerId: ana })];
    expect(await world.apply(turned)).toEqual(['applied', 'applied']);
    expect((await world.person(bo)).managerId).toBe(ana);
  });

  it('that three give at the same moment leave no ring', async () => {
    for (let round = 0; round < 10; round += 1) {
      const ids = await world.add(`A${round} X`, `B${round} X`, `C${round} X`);
      const results = await Promise.all(
        ids.map((id, at) => world.apply([updating(id, { managerId: ids[(at + 1) % 3] ?? '' })])),
      );
      expect(results.flat().toSorted()).toEqual(['applied', 'applied', 'stale']);
    }
  });
});
