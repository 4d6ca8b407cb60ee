import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Runner } from '../../src/runs/runner.js';
import { Crashes, type CrashMode } from '../support/crashes.js';
import { importing } from '../support/imports.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let crashes: Crashes;
beforeAll(async () => {
  service = await startService();
  crashes = new Crashes(service.database);
});
afterAll(() => service.close());

describe('V-04 a process that dies over an uploaded file', () => {
  it.each<CrashMode>(['before', 'inside', 'after', 'lost'])(
    'at any transaction (%s): the next one ends it, nobody is there twice, and nobody is invited twice',
    async (mode) => {
      const runner = service.app.get(Runner, { strict: false });
      let nth = 0;
      do {
        nth += 1;
        const files = importing(service, await service.newOrganisation());
        const people = Array.from(
          { length: 700 },
          (_, at) => `p${at}@acme.example,${at % 2 === 0 ? 'Active' : 'Pending'},boss@acme.example`,
        );
        const shown = await files.look(
          ['email,account_active,manager_email', 'boss@acme.example,Active,', ...people].join('\n'),
        );
        expect(shown.state).toBe('ready');
        expect((await files.confirm(shown)).status).toBe(202);
        crashes.arm(nth, mode);
        await runner.takeUp().catch(() => 0);
        await runner.idle();
        crashes.revive();
        await files.rows("UPDATE connection SET lease_expires_at = now() - interval '1 second' RETURNING id");
        await files.run();
        expect([nth, await files.show(shown.id)]).toMatchObject([
          nth,
          { state: 'applied', run: { counts: { add: 701, stale: 0 } } },
        ]);
        const [told] = await files.rows(
          `SELECT (SELECT count(*)::int FROM person) AS people, (SELECT count(*)::int FROM invitation) AS invited,
                  (SELECT count(*)::int FROM event) AS events, (SELECT count(*)::int FROM import_chunk) AS chunks`,
        );
        expect([nth, told]).toEqual([nth, { people: 701, invited: 351, events: 701, chunks: 0 }]);
      } while (crashes.happened);
      expect(nth).toBeGreaterThan(10);
    },
    290_000,
  );
});
