import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { InvitationsRepository } from '../../src/invitations/invitations.repository.js';
import { InvitationLimitsRepository } from '../../src/invitations/limits.repository.js';
import { InvitationLinksRepository } from '../../src/invitations/links.repository.js';
import { ApplyRepository } from '../../src/people/apply.repository.js';
import type { TestDatabase } from '../support/database.js';
import { FILLING_MS, openLargeDatabase } from '../support/large-database.js';
import { scansOf } from '../support/scans.js';

const LARGE = ['invitation', 'person', 'mail'];
const EACH = 30_000;

let db: TestDatabase;
let organisationId: string;
/** Of whom invitations are left for later. */
let people: string[];
beforeAll(async () => {
  ({ db, organisationId, made: people } = await openLargeDatabase({ each: EACH, origin: 'csv' }, fill));
}, FILLING_MS);
afterAll(() => db.close());

/** People, each with an invitation of an old file and its mail; a few still stand, a few of them wait, and two are left for later. */
async function fill(tx: Tx, organisation: string): Promise<string[]> {
  await tx.execute(
    `INSERT INTO mail (organisation_id, id, template, cause, recipient, person_id, state, created_at)
     SELECT organisation_id, id, 'invitation', 'invitation:' || id || ':1', email, id, 'sent', now() - random() * interval '30 days'
       FROM person WHERE organisation_id = $1`,
    [organisation],
  );
  await tx.execute(
    `INSERT INTO invitation (organisation_id, id, person_id, email_canonical, is_admin, invited_by, inviter_name, language, import_id,
       version, digest, mail_id, created_at, queued_at, sent_at, expires_at, accepted_at, accepted_by)
     SELECT organisation_id, id, id, email, false, '{}', 'G', 'en', $2::uuid, CASE WHEN waits THEN 0 ELSE 1 END,
            CASE WHEN NOT waits THEN sha256(id::text::bytea) END, CASE WHEN NOT waits THEN id END, at, at,
            CASE WHEN NOT waits THEN at END, CASE WHEN NOT waits THEN at + interval '7 days' END,
            CASE WHEN NOT stands THEN at END, CASE WHEN NOT stands THEN 'link' END
       FROM (SELECT *, now() - random() * interval '30 days' AS at, n % 100 = 0 AS stands, n % 300 = 0 AS waits
               FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM person WHERE organisation_id = $1) p) p`,
    [organisation, newId()],
  );
  const left = await tx.query<{ personId: string }>(
    `UPDATE invitation SET queued_at = NULL WHERE organisation_id = $1 AND id IN
       (SELECT id FROM invitation WHERE organisation_id = $1 AND version = 0 AND accepted_at IS NULL ORDER BY id LIMIT 2)
     RETURNING person_id`,
    [organisation],
  );
  return left.map(({ personId }) => personId);
}

const invitations = new InvitationsRepository();
const links = new InvitationLinksRepository();
const limits = new InvitationLimitsRepository();
const now = new Date();
const soon = new Date(now.getTime() - 60_000);
const digest = Buffer.alloc(32, 1);
const addresses = Array.from({ length: 500 }, (_, at) => `p${at}@acme.example`);
const left = JSON.stringify([{ person_id: newId(), because: 'archived', made: false }]);
const order = {
  by: { kind: 'system' as const },
  ...{ inviterId: null, inviterKeyId: null, inviterName: 'G', message: null, language: 'en' as const },
  ...{ importId: newId(), createdAt: now, queuedAt: now },
};
const lost = JSON.stringify([{ person_id: newId(), because: 'inviter', made: true }]);

describe('invitations, as the role of the application, with 60,000 of two organisations', () => {
  it.each<[string, (tx: Tx) => Promise<unknown>]>([
    ['a page of them', (tx) => invitations.page(tx, now, { state: null, personId: null, importId: null }, null, 51)],
    [
      'those of a person',
      (tx) => invitations.page(tx, now, { state: null, personId: newId(), importId: null }, null, 51),
    ],
    ['one', (tx) => invitations.find(tx, newId(), now)],
    ['who has one', (tx) => invitations.openOf(tx, [newId(), newId()])],
    ['who does not want any, of a batch', (tx) => invitations.refusedBefore(tx, addresses)],
    ['inviting nobody, as a file does', (tx) => invitations.insert(tx, [], order)],
    [
      'queueing what was left of some',
      async (tx) => expect(await invitations.queueLeft(tx, people, newId(), now)).toBe(2),
    ],
    ['revoking', (tx) => invitations.close(tx, { ids: [newId()] }, 'revoked', now)],
    ['stopping', (tx) => invitations.stop(tx, now)],
    ['looking at a link', (tx) => links.findByDigest(tx, digest)],
    ['what stands for somebody', (tx) => links.findOpenOf(tx, newId())],
    ['accepting', (tx) => links.accept(tx, { id: newId(), version: 1 }, 'link', now)],
    ['whose turn it is', (tx) => links.next(tx, now, true, 2)],
    ['what went out of files', (tx) => limits.ofFilesSince(tx, soon)],
    ['what went out by hand', (tx) => limits.byHandSince(tx, soon)],
    ['what waits', (tx) => limits.waiting(tx)],
    ['those of somebody who left', (tx) => new ApplyRepository().closeInvitations(tx, left, now)],
    ['those of an admin who is none any more', (tx) => new ApplyRepository().closeInvitations(tx, lost, now)],
  ])('%s: reads no table whole', async (_what, work) => {
    const scans = await scansOf(db, organisationId, LARGE, work);
    expect(scans.role).toBe('rollcall_app');
    expect(scans.statements).toBeGreaterThan(0);
    expect(scans.whole).toEqual([]);
  });
});
