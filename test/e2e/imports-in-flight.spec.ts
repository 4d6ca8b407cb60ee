import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PeopleFacts } from '../../src/people/people-facts.service.js';
import { FilePlans } from '../../src/runs/file-plans.service.js';
import { importing, type Importing, type Shown } from '../support/imports.js';
import { startService, type TestService } from '../support/service.js';

/** Pages of it are looked up, decided and stored at the same time. */
const ROWS = 5_200;

let service: TestService;
let files: Importing;
beforeEach(async () => {
  service = await startService();
  files = importing(service);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await service.close();
});

const file = (rows = ROWS): string =>
  `email,first_name,account_active,team\n${Array.from({ length: rows }, (_, at) => `p${at}@acme.example,Ada ${at},Active,New ${at % 7}\n`).join('')}`;

const script = (text: string): Promise<void> => service.database.asMigrate((tx) => tx.script(text));

/** @param body Of a trigger before each line of a plan. */
const beforeLine = (body: string): Promise<void> =>
  script(
    `CREATE OR REPLACE FUNCTION test_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW; END $$;
     CREATE OR REPLACE TRIGGER test_line BEFORE INSERT ON planned_change FOR EACH ROW EXECUTE FUNCTION test_line();`,
  );
const calm = (): Promise<void> => script('DROP TRIGGER test_line ON planned_change');

/** Of the plan of the newest look. */
const lines = ({ preview }: Shown): Promise<object[]> =>
  files.rows(
    `SELECT count(*)::int AS lines, count(DISTINCT reason->'facts'->>'line')::int AS rows FROM planned_change WHERE run_id = $1 AND kind = 'add'`,
    [preview?.id],
  );

describe('V-01 a file of several pages, of which one goes wrong', () => {
  it.each([500, 1_500, 2_500, 4_999, ROWS])(
    'line %i cannot be stored: the look fails, and the next one is whole',
    async (seq) => {
      await beforeLine(`IF NEW.seq = ${seq} THEN RAISE EXCEPTION 'no'; END IF;`);
      const shown = await files.look(file());
      expect(shown.state).toBe('failed');
      await calm();
      const again = await files.change(shown.id, { createTeams: true });
      expect([again.state, again.rows, again.preview?.counts]).toEqual([
        'ready',
        ROWS,
        expect.objectContaining({ add: ROWS }),
      ]);
      expect(await lines(again)).toEqual([{ lines: ROWS, rows: ROWS }]);
    },
  );

  it('nothing of it is under way any more once it ended', async () => {
    const facts = service.app.get(PeopleFacts, { strict: false });
    const plans = service.app.get(FilePlans, { strict: false });
    const look = facts.byAddress.bind(facts);
    let looks = 0;
    let endedMeanwhile = false;
    const hasEnded = async (): Promise<boolean> =>
      (await files.rows('SELECT 1 AS one FROM run WHERE finished_at IS NOT NULL')).length > 0;
    jest.spyOn(facts, 'byAddress').mockImplementation(async (tx, addresses) => {
      looks += 1;
      if (looks === 4) for (let times = 0; times < 600 && !endedMeanwhile; times++) endedMeanwhile = await hasEnded();
      return look(tx, addresses);
    });
    jest.spyOn(plans, 'store').mockRejectedValueOnce(new Error('no'));
    const shown = await files.look(file());
    expect([shown.state, looks, endedMeanwhile]).toEqual(['failed', 4, false]);
  });

  it('the lease is lost in the middle: who takes over plans it anew', async () => {
    const { body } = await files.upload(file());
    await beforeLine(
      `IF NEW.seq = 1500 THEN
         UPDATE connection SET lease_token = lease_token + 1, lease_expires_at = now() - interval '1 second'
          WHERE organisation_id = NEW.organisation_id AND lease_owner IS NOT NULL AND lease_token < 2;
       END IF;`,
    );
    await files.run();
    await calm();
    await files.run();
    const shown = await files.show(body.id);
    expect(shown).toMatchObject({ state: 'ready', rows: ROWS, preview: { counts: { add: ROWS } } });
    expect(await lines(shown)).toEqual([{ lines: ROWS, rows: ROWS }]);
  });

  it('it is cancelled in the middle', async () => {
    const { body } = await files.upload(file());
    await beforeLine(`IF NEW.seq = 1500 THEN UPDATE run SET cancel_asked_at = now() WHERE id = NEW.run_id; END IF;`);
    await files.run();
    expect((await files.show(body.id)).state).toBe('cancelled');
    await calm();
    expect(await files.change(body.id, { createTeams: true })).toMatchObject({ state: 'ready', rows: ROWS });
  });
});

it('how far it is never goes back, whichever page is stored first', async () => {
  await script(
    `CREATE TABLE test_progress (n serial, records int);
     CREATE FUNCTION test_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
       INSERT INTO test_progress (records) VALUES ((NEW.progress->>'records')::int); RETURN NEW; END $$;
     CREATE TRIGGER test_progress AFTER UPDATE ON run FOR EACH ROW EXECUTE FUNCTION test_progress();`,
  );
  // The second page waits until the third is told of.
  await beforeLine(`IF NEW.seq = 1500 THEN PERFORM pg_advisory_xact_lock(4711); END IF;`);
  const told = async (): Promise<number[]> => {
    const rows = await service.database.asMigrate((tx) =>
      tx.query<{ records: number | null }>('SELECT records FROM test_progress ORDER BY n'),
    );
    return rows.flatMap(({ records }) => records ?? []);
  };
  const { body } = await files.upload(file());
  const run = await service.database.asMigrate(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(4711)::text');
    const running = files.run();
    while (!(await told()).includes(3_000)) await new Promise(setImmediate);
    return { running };
  });
  await run.running;
  expect((await files.show(body.id)).rows).toBe(ROWS);
  const records = await told();
  expect(records).toEqual(records.toSorted((a, b) => a - b));
  expect(records.at(-1)).toBe(ROWS);
});
