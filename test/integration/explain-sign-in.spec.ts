import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { AtSignInRepository } from '../../src/runs/at-sign-in.repository.js';
import { FactsRepository } from '../../src/sign-in/facts.repository.js';
import { IdentitiesRepository } from '../../src/sign-in/identities.repository.js';
import type { TestDatabase } from '../support/database.js';
import { FILLING_MS, openLargeDatabase } from '../support/large-database.js';
import { scansOf } from '../support/scans.js';

/** Holds, conflicts and overrides are few, however many people there are. */
const LARGE = ['person', 'directory_record', 'identity_link', 'session'];
const EACH = 20_000;

let db: TestDatabase;
let organisationId: string;
let connectionId: string;
let providerId: string;
beforeAll(async () => {
  ({
    db,
    organisationId,
    made: { connectionId, providerId },
  } = await openLargeDatabase({ each: EACH, origin: 'directory' }, fill));
}, FILLING_MS);
afterAll(() => db.close());

/** People of a directory, all of them tied to the provider and signed in. */
async function fill(tx: Tx, organisation: string): Promise<{ connectionId: string; providerId: string }> {
  const [connection, provider] = [newId(), newId()];
  await tx.execute(
    `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings) VALUES ($1, $2, 'okta', 'C', 1, 'active', '{}')`,
    [organisation, connection],
  );
  await tx.execute(
    `INSERT INTO identity_provider (organisation_id, id, preset, name, issuer, client_id, settings) VALUES ($1, $2, 'generic', 'P', 'https://i', 'c', '{}')`,
    [organisation, provider],
  );
  await tx.execute(
    `INSERT INTO directory_record (organisation_id, connection_id, external_id, person_id, linked_at, observed_hash, observed_at, employed, in_scope)
     SELECT organisation_id, $2, id::text, id, now(), '\\x00', now(), true, true FROM person WHERE organisation_id = $1`,
    [organisation, connection],
  );
  await tx.execute(
    `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, last_used_at)
     SELECT organisation_id, $2, id::text, id, 'directory', now() FROM person WHERE organisation_id = $1`,
    [organisation, provider],
  );
  await tx.execute(
    `INSERT INTO session (organisation_id, id, kind, digest, person_id, strength, amr, authenticated_at, last_used_at, ends_at, address, user_agent)
     SELECT organisation_id, gen_random_uuid(), 'person', sha256(id::text::bytea), id, 'provider', '{}', now(), now(), now(), 'x', 'x'
       FROM person WHERE organisation_id = $1`,
    [organisation],
  );
  return { connectionId: connection, providerId: provider };
}

const facts = new FactsRepository();
const identities = new IdentitiesRepository();
const mirror = new AtSignInRepository();
const now = new Date();
const account = () => ({ providerId, subject: newId(), connectionId });

describe('who gets in, as the role of the application, with 40,000 people of two organisations', () => {
  it.each<[string, (tx: Tx) => Promise<unknown>]>([
    ['whose subject it is', (tx) => facts.linked(tx, account(), 'with_others')],
    ['somebody by id', (tx) => facts.byId(tx, account(), newId())],
    ['whose record it is', (tx) => facts.ofRecord(tx, account(), newId(), 'alone')],
    ['somebody by address', (tx) => facts.byAddress(tx, account(), 'p1@acme.example')],
    ['whose session it is', (tx) => facts.ofSession(tx, newId(), now, now)],
    ['the record of a directory', (tx) => mirror.record(tx, connectionId, newId())],
    ['what admins ruled out', (tx) => mirror.overrides(tx, connectionId, newId(), newId())],
    ['noting its use', (tx) => identities.used(tx, providerId, newId(), now)],
    ['the accounts of a person', (tx) => identities.ofPerson(tx, newId())],
    ['untying an account', (tx) => identities.unlink(tx, providerId, newId())],
  ])('%s reads no table whole', async (_what, work) => {
    const scans = await scansOf(db, organisationId, LARGE, work);
    expect(scans.role).toBe('rollcall_app');
    expect(scans.statements).toBeGreaterThan(0);
    expect(scans.whole).toEqual([]);
  });
});
