import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

/**
 * What two who come at the same moment could both want, and why none of them gets a fault of ours for it: `conflict` says that
 * the statement yields, `caught` that the service answers for it, `locked` that they come one after the other, `worker` that
 * no request writes it.
 */
const MET: Record<string, 'conflict' | 'caught' | 'locked' | 'worker'> = {
  'alias (organisation_id, kind, folded)': 'caught',
  'audit_link (organisation_id, "position")': 'locked',
  'audit_link (organisation_id, seq)': 'locked',
  'break_glass (organisation_id, person_id)': 'locked',
  'conflict (organisation_id, cause)': 'conflict',
  // The one place where files of people queue.
  'connection (organisation_id)': 'conflict',
  'connection (organisation_id, rank)': 'locked',
  'data_key (organisation_id, version)': 'conflict',
  'directory_record (organisation_id, connection_id, external_id)': 'worker',
  'directory_record (organisation_id, connection_id, person_id)': 'worker',
  'domain (name)': 'caught',
  'domain (organisation_id, name)': 'conflict',
  'framework (organisation_id, folded)': 'caught',
  'hold (organisation_id, connection_id)': 'worker',
  'hold_member (organisation_id, hold_id, external_id)': 'worker',
  'idempotency_key (organisation_id, credential_id, route, key)': 'conflict',
  'identity_link (organisation_id, identity_provider_id, person_id)': 'conflict',
  'identity_link (organisation_id, identity_provider_id, subject)': 'conflict',
  'import (organisation_id)': 'caught',
  // By the one request that sends the file.
  'import_chunk (organisation_id, import_id, number)': 'locked',
  'invitation (organisation_id, person_id)': 'conflict',
  'logout_token_seen (organisation_id, identity_provider_id, jti)': 'conflict',
  'mail (organisation_id, cause)': 'conflict',
  'mail_settings (organisation_id)': 'conflict',
  'notice (organisation_id, cause)': 'conflict',
  'operator (organisation_id, person_id)': 'conflict',
  'organisation (is_installation)': 'locked',
  'organisation (id, is_installation)': 'locked',
  'organisation (slug)': 'caught',
  'passkey (organisation_id, credential_id)': 'conflict',
  'person (organisation_id, email_canonical)': 'conflict',
  'person_token (organisation_id, token, person_id)': 'locked',
  'plan_batch (organisation_id, run_id, batch)': 'worker',
  'planned_change (organisation_id, run_id, seq)': 'worker',
  'position (organisation_id, framework_id, folded)': 'caught',
  'run (organisation_id, connection_id)': 'conflict',
  'staged_evidence (organisation_id, run_id, external_id)': 'worker',
  'staged_page (organisation_id, run_id, page)': 'worker',
  'staged_record (organisation_id, run_id, external_id)': 'worker',
  'team (organisation_id, folded)': 'caught',
  // The one id that a request may choose (`POST /identity-providers`).
  'identity_provider (organisation_id, id)': 'conflict',
};
/** Made here for each row, at random or by counting: nobody else has the same. */
const MADE_HERE = /^\w+ \((organisation_id, )?(id|seq|digest|state_digest|lookup)\)$/u;

it('A-16 of each key that two could want at once it is known why the second gets an answer', async () => {
  const rows = await opened.database.asMigrate((tx) =>
    tx.query<{ key: string }>(
      `SELECT c.relname || ' ' || substring(pg_get_indexdef(x.indexrelid) FROM 'btree (\\([^)]*\\))') AS key
         FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
        WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'`,
    ),
  );
  const wanted = new Set(rows.map(({ key }) => key).filter((key) => Object.hasOwn(MET, key) || !MADE_HERE.test(key)));
  expect([...wanted].sort()).toEqual(Object.keys(MET).sort());
});
