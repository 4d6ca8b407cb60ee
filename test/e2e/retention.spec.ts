import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { Cleaning } from '../../src/schedule/cleaning.js';
import { startService, type TestService } from '../support/service.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('G-10 what signing in leaves behind', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  const ago = (milliseconds: number): Date => new Date(Date.now() - milliseconds);
  const add = (table: string, row: Record<string, unknown>): Promise<number> =>
    service.database.asMigrate((tx) =>
      tx.execute(
        `INSERT INTO "${table}" (${Object.keys(row)
          .map((name) => `"${name}"`)
          .join()})
         VALUES (${Object.keys(row)
           .map((_, at) => `$${at + 1}`)
           .join()})`,
        Object.values(row),
      ),
    );
  /** Puts one row in that is just young enough and one that is not; what is left after the clean-up is returned. */
  async function left(
    table: string,
    mark: string,
    kept: Record<string, unknown>,
    old: Record<string, unknown>,
  ): Promise<unknown[]> {
    const { id: organisationId } = service.organisation;
    const own = table === 'link_request' || table === 'passkey_challenge' ? {} : { organisation_id: organisationId };
    await add(table, { ...own, ...kept, [mark]: 'kept' });
    await add(table, { ...own, ...old, [mark]: 'old' });
    await service.app.get(Cleaning, { strict: false }).cleanAll();
    const rows = await service.database.asMigrate((tx) =>
      tx.query<Record<string, unknown>>(`SELECT "${mark}" AS mark FROM "${table}" WHERE "${mark}" IN ('kept', 'old')`),
    );
    return rows.map(({ mark: of }) => of);
  }

  it('sessions go 30 days after they ended', async () => {
    const { personId } = await service.session();
    const session = (ended: Date) => ({
      ...{
        id: newId(),
        kind: 'person',
        digest: randomBytes(32),
        person_id: personId,
        strength: 'passkey',
        address: 'a',
      },
      ...{ authenticated_at: ended, last_used_at: ended, ends_at: ended, ended_at: ended, ended_because: 'idle' },
    });
    expect(await left('session', 'user_agent', session(ago(29 * DAY)), session(ago(31 * DAY)))).toEqual(['kept']);
  });

  it('links to sign in go 7 days after they were good', async () => {
    const { personId } = await service.session();
    const token = (expires: Date) => ({
      ...{ id: newId(), kind: 'break_glass', digest: randomBytes(32), person_id: personId },
      ...{ made_by: '{"kind":"operator"}', expires_at: expires },
    });
    expect(await left('sign_in_token', 'return_to', token(ago(6 * DAY)), token(ago(8 * DAY)))).toEqual(['kept']);
  });

  it('attempts go after a day, and logout tokens when they are good no more', async () => {
    const provider = newId();
    const { id: organisationId } = service.organisation;
    await add('identity_provider', {
      ...{ organisation_id: organisationId, id: provider, preset: 'generic', name: 'P', issuer: 'i', client_id: 'c' },
      settings: '{}',
    });
    const attempt = (at: Date) => ({
      ...{ id: newId(), identity_provider_id: provider, purpose: 'sign_in', state_digest: randomBytes(32) },
      ...{ browser_digest: randomBytes(32), nonce: 'n', verifier: randomBytes(8), issuer: 'i', client_id: 'c' },
      ...{ redirect_uri: 'r', created_at: at, expires_at: at },
    });
    expect(await left('sign_in_attempt', 'return_to', attempt(ago(23 * HOUR)), attempt(ago(25 * HOUR)))).toEqual([
      'kept',
    ]);
    for (const [jti, expires] of [
      ['kept', ago(-MINUTE)],
      ['old', ago(MINUTE)],
    ] as const)
      // prettier-ignore
      await add('logout_token_seen', {
        ...{ organisation_id: organisationId, identity_provider_id: provider, jti: Buffer.from(jti), expires_at: expires },
      });
    await service.app.get(Cleaning, { strict: false }).cleanAll();
    const seen = await service.database.asMigrate((tx) =>
      tx.query<{ jti: Buffer }>('SELECT jti FROM logout_token_seen'),
    );
    expect(seen.map(({ jti }) => jti.toString())).toEqual(['kept']);
  });

  it('requests for links and challenges for passkeys go within hours', async () => {
    const request = (at: Date) => ({ id: newId(), browser_digest: randomBytes(32), address: 'a', created_at: at });
    expect(await left('link_request', 'email_canonical', request(ago(50 * MINUTE)), request(ago(70 * MINUTE)))).toEqual(['kept']); // prettier-ignore
    const challenge = (at: Date) => ({
      ...{ id: newId(), browser_digest: randomBytes(32), challenge: randomBytes(32) },
      ...{ created_at: at, expires_at: at },
    });
    expect(await left('passkey_challenge', 'purpose', challenge(ago(50 * MINUTE)), challenge(ago(70 * MINUTE)))).toEqual(['kept']); // prettier-ignore
  });

  it('the text of a mail goes after 7 days, the mail itself after 90, and none that waits', async () => {
    const { id: organisationId } = service.organisation;
    for (const [cause, at, state] of [
      ['kept', ago(6 * DAY), 'sent'],
      ['old', ago(8 * DAY), 'sent'],
      ['older', ago(89 * DAY), 'failed'],
      ['oldest', ago(91 * DAY), 'sent'],
      ['waits', ago(91 * DAY), 'waiting'],
    ] as const)
      // prettier-ignore
      await add('mail', {
        ...{ organisation_id: organisationId, id: newId(), template: 'new_sign_in', cause, recipient: 'a@acme.example' },
        ...{ body: randomBytes(8), state, sent_at: state === 'sent' ? at : null, created_at: at },
      });
    for (let hour = 0; hour < 2; hour++) await service.app.get(Cleaning, { strict: false }).cleanAll();
    const mails = await service.database.asMigrate((tx) =>
      tx.query('SELECT cause, body IS NULL AS empty FROM mail ORDER BY cause'),
    );
    expect(mails).toEqual([
      { cause: 'kept', empty: false },
      { cause: 'old', empty: true },
      { cause: 'older', empty: true },
      { cause: 'waits', empty: false },
    ]);
  });
});
