import { describe, expect, it } from '@jest/globals';
import { expected } from '../simulators/company/expected.ts';
import { startRunWorld } from '../support/run-world.js';

describe.each(['okta', 'google'] as const)('a company of 300 people in %s', (directory) => {
  it('is here after the preview was confirmed, and a second run changes nothing', async () => {
    await using world = await startRunWorld({ people: 300, directory });
    const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    expect(shown).toMatchObject({ state: 'ready', errorCode: null });
    expect(await world.people()).toEqual([]);
    const run = await world.ended(await world.runs.confirm(world.caller, shown.id, 'all'));
    expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
    const here = (await world.people())
      .filter((person) => person.state === 'active')
      .map((person) => person.email.toLowerCase());
    const there = expected(world.company, { provider: directory, kind: 'everyone' });
    expect(here.toSorted()).toEqual(there.map((one) => one.email.toLowerCase()).toSorted());
    expect(run.planHash?.toString('hex')).toBe(shown.planHash?.toString('hex'));

    const before = await world.rows(
      'SELECT (SELECT count(*)::int FROM event) AS events, (SELECT count(*)::int FROM audit_entry WHERE action LIKE $1) AS entries',
      ['person.%'],
    );
    const again = await world.sync();
    expect(again).toMatchObject({ state: 'succeeded', counts: { add: 0, update: 0, archive: 0 } });
    expect(
      await world.rows(
        'SELECT (SELECT count(*)::int FROM event) AS events, (SELECT count(*)::int FROM audit_entry WHERE action LIKE $1) AS entries',
        ['person.%'],
      ),
    ).toEqual(before);
    expect(await world.rows('SELECT run_id FROM staged_page UNION ALL SELECT run_id FROM staged_record')).toEqual([]);
  });
});
