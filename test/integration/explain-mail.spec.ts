import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { MailsRepository } from '../../src/mail/mails.repository.js';
import { EnteringRepository } from '../../src/sign-in/entering.repository.js';
import { LinksRepository } from '../../src/sign-in/links.repository.js';
import { PasskeysRepository } from '../../src/sign-in/passkeys.repository.js';
import type { TestDatabase } from '../support/database.js';
import { FILLING_MS, openLargeDatabase } from '../support/large-database.js';
import { scansOf } from '../support/scans.js';

const LARGE = ['mail', 'person', 'sign_in_token', 'passkey'];
const EACH = 20_000;

let db: TestDatabase;
let organisationId: string;
beforeAll(async () => {
  ({ db, organisationId } = await openLargeDatabase({ each: EACH, origin: 'manual' }, fill));
}, FILLING_MS);
afterAll(() => db.close());

/** People, each with mail of the last month, links and a passkey. */
async function fill(tx: Tx, organisation: string): Promise<void> {
  const each = async (text: string): Promise<void> => void (await tx.execute(text, [organisation]));
  await each(
    `INSERT INTO mail (organisation_id, id, template, cause, recipient, person_id, state, attempts, next_try_at, sent_at, created_at)
     SELECT organisation_id, gen_random_uuid(), 'sign_in_link', id::text || n, email, id, CASE WHEN n = 1 AND random() < 0.01 THEN 'waiting' ELSE 'sent' END,
       1, now() - random() * interval '1 day', now(), now() - random() * interval '30 days'
     FROM person, generate_series(1, 3) n WHERE organisation_id = $1`,
  );
  await each(
    `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, browser_digest, made_by, expires_at, used_at)
     SELECT organisation_id, gen_random_uuid(), id, 'link', sha256((id::text || n)::bytea), sha256(id::text::bytea), '{}', now(), now()
     FROM person, generate_series(1, 3) n WHERE organisation_id = $1`,
  );
  await each(
    `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
     SELECT organisation_id, gen_random_uuid(), id, id::text, '\\x00', 0, '{}', 'x', false FROM person WHERE organisation_id = $1`,
  );
}

const mails = new MailsRepository();
const links = new LinksRepository();
const passkeys = new PasskeysRepository();
const now = new Date();
const digest = Buffer.alloc(32, 1);

describe('mail, links and passkeys, as the role of the application, with 120,000 of two organisations', () => {
  it.each<[string, (tx: Tx) => Promise<unknown>]>([
    ['taking a mail', (tx) => mails.claim(tx, now, now)],
    ['marking it as sent', (tx) => mails.sent(tx, newId(), now)],
    ['putting it off', (tx) => mails.putOff(tx, { id: newId(), attempts: 1 }, 'busy', now)],
    ['counting a person’s of the last hour', (tx) => mails.countSince(tx, newId(), ['sign_in_link'], now)],
    ['finding one', (tx) => mails.find(tx, newId())],
    ['using a link', (tx) => links.use(tx, digest, digest, now)],
    ['looking what a link is worth', (tx) => links.standing(tx, digest, now)],
    ['ending older links', (tx) => links.endOlder(tx, newId(), digest, now)],
    ['the receiver of a link', (tx) => links.receiver(tx, newId(), 'p1@acme.example')],
    ['the receiver by address', (tx) => links.receiverByAddress(tx, 'p1@acme.example')],
    ['the owner of passkeys', (tx) => passkeys.owner(tx, newId())],
    ['the passkeys of a person', (tx) => passkeys.list(tx, newId())],
    ['the passkey of a sign-in', (tx) => passkeys.lockByCredential(tx, newId(), 'x')],
    ['the last door', (tx) => new EnteringRepository().person(tx, newId())],
  ])('%s reads no table whole', async (_what, work) => {
    const scans = await scansOf(db, organisationId, LARGE, work);
    expect(scans.role).toBe('rollcall_app');
    expect(scans.statements).toBeGreaterThan(0);
    expect(scans.whole).toEqual([]);
  });
});
