import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionsRepository } from '../../src/auth/sessions.repository.js';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { ApplyRepository } from '../../src/people/apply.repository.js';
import type { TestDatabase } from '../support/database.js';
import { FILLING_MS, openLargeDatabase } from '../support/large-database.js';
import { scansOf } from '../support/scans.js';

const LARGE = ['session', 'person', 'sign_in_token', 'sign_in_attempt'];
const EACH = 20_000;

let db: TestDatabase;
let organisationId: string;
beforeAll(async () => {
  ({ db, organisationId } = await openLargeDatabase({ each: EACH, origin: 'manual' }, fill));
}, FILLING_MS);
afterAll(() => db.close());

/** People, each with sessions of the last month, a link and an attempt. */
async function fill(tx: Tx, organisation: string): Promise<void> {
  const provider = newId();
  await tx.execute(
    `INSERT INTO identity_provider (organisation_id, id, preset, name, issuer, client_id, settings)
     VALUES ($1, $2, 'generic', 'P', 'https://p.example', 'c', '{}')`,
    [organisation, provider],
  );
  await tx.execute(
    `INSERT INTO session (organisation_id, id, kind, digest, person_id, strength, identity_provider_id, provider_sid, subject,
       authenticated_at, last_used_at, ends_at, ended_at, address, user_agent)
     SELECT organisation_id, gen_random_uuid(), 'person', sha256((id::text || n)::bytea), id, 'provider', $2, id::text || n, id::text,
       now(), now(), now() + interval '12 hours', CASE WHEN n = 1 THEN NULL ELSE now() END, '', ''
     FROM person, generate_series(1, 3) n WHERE organisation_id = $1`,
    [organisation, provider],
  );
  await tx.execute(
    `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, made_by, expires_at, used_at)
     SELECT organisation_id, gen_random_uuid(), id, 'break_glass', sha256(id::text::bytea), '{}', now(), now() FROM person WHERE organisation_id = $1`,
    [organisation],
  );
  await tx.execute(
    `INSERT INTO sign_in_attempt (organisation_id, id, identity_provider_id, purpose, state_digest, browser_digest, nonce, verifier, issuer,
       client_id, redirect_uri, return_to, created_at, expires_at, used_at)
     SELECT organisation_id, gen_random_uuid(), $2, 'sign_in', sha256(id::text::bytea), sha256('b'), '', '', '', '', '', '/',
       now() - interval '3 days', now(), now() FROM person WHERE organisation_id = $1`,
    [organisation, provider],
  );
}

const sessions = new SessionsRepository();
const people = new ApplyRepository();
const now = new Date();

describe('sessions, as the role of the application, with 120,000 of two organisations', () => {
  it.each<[string, (tx: Tx) => Promise<unknown>]>([
    ['the look-up of each request', (tx) => sessions.find(tx, Buffer.alloc(32, 1))],
    ['noting its use', (tx) => sessions.touch(tx, newId(), now)],
    ['those of a person', (tx) => sessions.list(tx, newId(), now, now)],
    [
      'renewing one',
      (tx) =>
        sessions.reauthenticate(tx, {
          ...{ id: newId(), digest: Buffer.alloc(32, 1), strength: 'passkey', amr: [], acr: null, at: now, now },
          ...{ provider: null, idToken: null, endsBy: null, usedAfter: now },
        }),
    ],
    ['ending one', (tx) => sessions.end(tx, { ids: [newId()] }, 'signed_out', now)],
    ['ending a person’s', (tx) => sessions.end(tx, { personIds: [newId()] }, 'ended_by_admin', now)],
    [
      'ending one by its provider',
      (tx) => sessions.end(tx, { identityProviderId: newId(), sid: 'x' }, 'provider_logout', now),
    ],
    [
      'ending one by its provider and account',
      (tx) => sessions.end(tx, { identityProviderId: newId(), sid: 'x', subject: 'y' }, 'provider_logout', now),
    ],
    ['archiving', (tx) => people.endAccess(tx, [newId(), newId()], 'archived', now)],
  ])('%s reads no table whole', async (_what, work) => {
    const { role, statements, whole } = await scansOf(db, organisationId, LARGE, work);
    expect([role, statements > 0, whole]).toEqual(['rollcall_app', true, []]);
  });
});
