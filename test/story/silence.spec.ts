import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { expected } from '../simulators/company/expected.ts';
import { startRunWorld } from '../support/run-world.js';

describe.each(['okta', 'google'] as const)('silence, with %s', (directory) => {
  it('a year of joiners, movers and leavers writes to nobody, and ends invitations without a word', async () => {
    await using world = await startRunWorld({ people: 120, directory });
    const [{ email = '' } = {}] = expected(world.company, { provider: directory, kind: 'everyone' });
    // Somebody who was invited by hand before the directory came, and whose mail still waits.
    const invited = await world.service.api('POST', '/api/v1/invitations', { items: [{ email }], send: true });
    expect(invited.status).toBe(200);
    const mails = (): Promise<object[]> =>
      world.rows(`SELECT template, recipient FROM mail WHERE problem IS DISTINCT FROM 'withdrawn'`);
    const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    await world.ended(await world.runs.confirm(world.caller, shown.id, 'all'));
    for (let month = 1; month <= 12; month++) {
      world.company.live(month, 12);
      expect((await world.sync()).state).toBe('succeeded');
      expect(await mails()).toEqual([]);
    }
    const [told] = await world.rows<{ joined: number; left: number }>(
      `SELECT count(*) FILTER (WHERE action = 'person.added')::int AS joined, count(*) FILTER (WHERE action = 'person.archived')::int AS left
         FROM audit_entry WHERE run_id IS NOT NULL AND run_id <> $1`,
      [newId()],
    );
    expect(told?.joined).toBeGreaterThan(120);
    expect(told?.left).toBeGreaterThan(0);
    expect(await world.rows(`SELECT closed_because FROM invitation`)).toEqual([{ closedBecause: 'directory' }]);
  });
});
