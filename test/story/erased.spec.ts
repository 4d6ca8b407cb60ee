import { describe, expect, it, jest } from '@jest/globals';
import { dumpOf } from '../support/dump-of.js';
import { startRunWorld } from '../support/run-world.js';

jest.setTimeout(60_000);

describe.each(['okta', 'google'] as const)('G-06 a person of %s who was erased', (directory) => {
  it.each(['leave', 'deprovision', 'erase'] as const)(
    'leaves no trace after they %s, and later runs bring none back',
    async (how) => {
      await using world = await startRunWorld({ people: 40, directory });
      await world.firstSync();
      const { api, database } = world.service;
      // Somebody who manages others: they are named in the records of those too.
      const managers = await world.rows<{ email: string }>(
        `SELECT m.email FROM person m JOIN person p ON p.manager_id = m.id WHERE NOT m.is_admin AND m.manager_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM person o WHERE o.sort_name = m.sort_name AND o.id <> m.id)
          GROUP BY m.email ORDER BY m.email`,
      );
      const email = managers[0]?.email ?? '';
      const gone = world.company.people.find((one) => one.email === email);
      if (gone === undefined) throw new Error('nobody manages anybody');
      const reports = world.company.people.filter((one) => one.manager === gone.n && one.state === 'employed');
      expect(reports.length).toBeGreaterThan(0);
      world.company[how](gone);
      world.company.edit(reports, { manager: null });
      expect(await world.sync()).toMatchObject({ state: 'succeeded' });
      const [person] = await world.rows<{ id: string; state: string }>(
        'SELECT id, state FROM person WHERE email = $1',
        [email],
      );
      expect(person).toMatchObject({ state: 'archived' });
      const traces = async (): Promise<string[]> =>
        (await dumpOf(database))
          .split('\n')
          .filter((row) => row.includes(email) || (row.includes(gone.given) && row.includes(gone.family)));
      expect((await traces()).length).toBeGreaterThan(1);
      const erased = await api('POST', `/api/v1/people/${person?.id ?? ''}/erase`, { confirm: email });
      // There, who leaves that way is suspended, and listed as before.
      if (directory === 'google' && how === 'deprovision') {
        expect(erased).toMatchObject({ status: 409, body: { code: 'person.still_in_directory' } });
        return;
      }
      expect(erased).toMatchObject({ status: 204 });
      expect(await traces()).toEqual([]);
      for (let again = 0; again < 2; again += 1) {
        expect(await world.sync()).toMatchObject({ state: 'succeeded', errorCode: null });
        expect(await traces()).toEqual([]);
      }
    },
  );
});
