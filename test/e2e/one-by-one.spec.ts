import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Cleaning } from '../../src/schedule/cleaning.js';
import { OrganisationDeletion } from '../../src/organisations/organisation-deletion.service.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const DAY = 24 * 3_600_000;

let service: TestService;
const clock = new ManualClock(new Date());
beforeAll(async () => {
  service = await startService({ clock });
});
afterAll(() => service.close());

/** Somebody whose data are due to be erased. */
async function leaver(of: TestOrganisation, days: number): Promise<string> {
  const { body } = await of.api<{ id: string }>('POST', '/api/v1/people', { email: `left-${newId()}@acme.example` });
  await of.api('POST', `/api/v1/people/${body.id}/archive`);
  await service.database.asOrganisation(of.id, (tx) =>
    tx.execute('UPDATE person SET archived_at = $2 WHERE id = $1', [body.id, new Date(Date.now() - days * DAY)]),
  );
  return body.id;
}

/** What happens to this person fails, by whatever fault. */
const spoil = (of: TestOrganisation, personId: string): Promise<unknown> =>
  service.database.asMigrate((tx) =>
    tx.execute(
      `CREATE FUNCTION spoilt() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.organisation_id = '${of.id}' AND NEW.id = '${personId}' THEN RAISE EXCEPTION 'spoilt'; END IF;
         RETURN NEW;
       END $$;
       CREATE TRIGGER spoilt BEFORE UPDATE ON person FOR EACH ROW EXECUTE FUNCTION spoilt()`,
    ),
  );

const erased = (of: TestOrganisation): Promise<string[]> =>
  service.database.asOrganisation(of.id, async (tx) =>
    (await tx.query<{ id: string }>('SELECT id FROM person WHERE erased_at IS NOT NULL')).map(({ id }) => id),
  );

describe('P11 what goes wrong with one is told, and keeps no other from what is due', () => {
  it('G-10 neither another person of the organisation, nor other organisations', async () => {
    const organisations = [await service.newOrganisation(), await service.newOrganisation()];
    const [first, second] = organisations.sort((a, b) => (a.id < b.id ? -1 : 1));
    if (first === undefined || second === undefined) throw new TypeError('two were made');
    const spoilt = await leaver(first, 90);
    const others = [await leaver(first, 60), await leaver(second, 60)];
    for (const each of [first, second]) await each.api('PATCH', '/api/v1/organisation', { eraseAfterDays: 30 });
    await spoil(first, spoilt);
    await expect(service.app.get(Cleaning, { strict: false }).cleanAll()).rejects.toThrow('spoilt');
    expect([await erased(first), await erased(second)]).toEqual([[others[0]], [others[1]]]);
  });

  it('G-08 nor another organisation whose time is over', async () => {
    const [first, second] = [await service.newOrganisation(), await service.newOrganisation()];
    for (const [at, of] of [first, second].entries())
      await service.database.asMigrate((tx) =>
        tx.execute(
          `UPDATE organisation SET delete_after = now() - interval '1 day' + $2 * interval '1 hour' WHERE id = $1`,
          [of.id, at],
        ),
      );
    await service.database.asMigrate((tx) =>
      tx.execute(
        `CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF OLD.id = '${first.id}' THEN RAISE EXCEPTION 'it stays'; END IF;
           RETURN OLD;
         END $$;
         CREATE TRIGGER stays BEFORE DELETE ON organisation FOR EACH ROW EXECUTE FUNCTION stays()`,
      ),
    );
    await expect(service.app.get(OrganisationDeletion, { strict: false }).deleteDue(new Date())).rejects.toThrow(
      'it stays',
    );
    const there = await service.database.asWorker((tx) =>
      tx.query<{ id: string }>('SELECT id FROM organisation WHERE id = ANY($1::uuid[])', [[first.id, second.id]]),
    );
    expect(there.map(({ id }) => id)).toEqual([first.id]);
  });

  it('P10 and no organisation is gone of which the log does not say so', async () => {
    const of = await service.newOrganisation();
    await service.database.asMigrate(async (tx) => {
      await tx.execute(`UPDATE organisation SET delete_after = now() - interval '1 day' WHERE id = $1`, [of.id]);
      await tx.execute(
        `CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF NEW.action = 'organisation.deleted' AND NEW.subject_id = '${of.id}' THEN RAISE EXCEPTION 'the log is lost'; END IF;
           RETURN NEW;
         END $$;
         CREATE CONSTRAINT TRIGGER lost AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION lost()`,
      );
    });
    const look = () => service.app.get(OrganisationDeletion, { strict: false }).deleteDue(new Date());
    const there = () =>
      service.database.asWorker((tx) => tx.query('SELECT 1 FROM organisation WHERE id = $1', [of.id]));
    await expect(look()).rejects.toThrow();
    expect(await there()).toHaveLength(1);
    await service.database.asMigrate((tx) =>
      tx.execute('DROP TRIGGER lost ON audit_entry; DROP TRIGGER stays ON organisation'),
    );
    await look();
    await look();
    expect(await there()).toEqual([]);
    const told = await service.database.asMigrate((tx) =>
      tx.query(`SELECT 1 FROM audit_entry WHERE action = 'organisation.deleted' AND subject_id = $1`, [of.id]),
    );
    expect(told).toHaveLength(1);
  });
});
