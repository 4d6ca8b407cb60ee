import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { PeopleWriter } from '../../src/people/people-writer.service.js';
import { Links } from '../../src/sign-in/links.service.js';
import { DEAD, HOUR, InvitationWorld } from '../support/invitation-world.js';
import type { TestOrganisation } from '../support/service.js';

jest.setTimeout(60_000);

const trustedBefore = tls.getCACertificates();
const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let world: InvitationWorld;
let of: TestOrganisation;
beforeAll(async () => {
  world = await InvitationWorld.start(clock);
  of = await world.service.newOrganisation();
});
afterAll(async () => {
  await world.close();
  tls.setDefaultCACertificates(trustedBefore);
});

/** Invited by mail and active already, as whoever comes by a file. */
async function activeAndInvited(): Promise<{ email: string; personId: string; invitationId: string }> {
  const invited = await world.invite(of);
  await world.rows(of.id, `UPDATE person SET state = 'active' WHERE id = $1`, [invited.personId]);
  return invited;
}

async function signIn(email: string): Promise<void> {
  const { url } = await world.service.app.get(Links, { strict: false }).makeForCommandLine(of.id, email);
  const token = new URL(url).hash.slice(1);
  expect(await world.jar().api('POST', '/api/v1/sign-in/link/use', { token })).toMatchObject({ status: 200 });
}

describe('I-05 whoever is in by another way', () => {
  it('leaves no link behind by which somebody else gets in as them', async () => {
    const { email, invitationId } = await activeAndInvited();
    const token = (await world.post()).get(email) ?? '';
    expect((await world.look(token)).status).toBe(200);
    await signIn(email);
    expect(await world.accept(token)).toMatchObject(DEAD);
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'closed', because: 'arrived' });
  });

  it('is not invited any more', async () => {
    const { email, invitationId } = await activeAndInvited();
    await signIn(email);
    expect([...(await world.post()).keys()]).not.toContain(email);
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'closed', because: 'arrived' });
  });

  it('has accepted it where that is how they came', async () => {
    const { invitationId, token } = await world.linked(of);
    expect((await world.accept(token)).status).toBe(200);
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'accepted', because: null });
  });
});

it('silence: whoever a directory lets in while they are being invited gets no mail', async () => {
  const { id, email } = await world.person(of.id, { state: 'pending' });
  const change = {
    ...{ id: newId(), kind: 'update' as const, personId: id, reason: { code: 'test', text: 'Listed by a directory.' } },
    ...{ before: { state: 'pending' as const }, after: { state: 'active' as const }, expectedVersion: null },
  };
  const invite = { items: [{ email }], send: true };
  const asked = await world.service.database.asOrganisation(of.id, async (tx) => {
    const by = { origin: 'directory', actor: { kind: 'system' } } as const;
    await world.service.app.get(PeopleWriter, { strict: false }).apply(tx, [change], by);
    let over = false;
    const answer = of.api<{ items: object[] }>('POST', '/api/v1/invitations', invite).finally(() => (over = true));
    // They are invited before the directory is done, or wait for it.
    for (let waits = false; !waits && !over;)
      ({ waits } = await tx.one<{ waits: boolean }>('SELECT count(*) > 0 AS waits FROM pg_locks WHERE NOT granted'));
    return { answer };
  });
  expect((await asked.answer).body.items).toMatchObject([{ result: 'here', invitationId: null }]);
  expect([...(await world.post()).keys()]).not.toContain(email);
});

it('I-06 whoever may invite and no more brings nobody back', async () => {
  const { id, email } = await world.person(of.id, { state: 'archived' });
  const invite = { items: [{ email, restore: true }], send: true };
  const key = await world.service.newKey(of.id, { scopes: ['invitations:read', 'invitations:write'] });
  const refused = await of.api<{ items: object[] }>('POST', '/api/v1/invitations', invite, { key });
  expect(refused.body.items).toMatchObject([{ result: 'invalid', invitationId: null }]);
  expect(await world.state(of.id, id)).toBe('archived');
  const brought = await of.api<{ items: object[] }>('POST', '/api/v1/invitations', invite);
  expect(brought.body.items).toMatchObject([{ result: 'restored' }]);
});

it('I-18 erasing who was invited makes no room for others', async () => {
  const other = await world.service.newOrganisation();
  await world.service.database.asMigrate((tx) =>
    tx.execute('UPDATE organisation SET invites_per_hour = 1 WHERE id = $1', [other.id]),
  );
  const first = await world.invite(other);
  expect((await world.post()).has(first.email)).toBe(true);
  await other.api('POST', `/api/v1/people/${first.personId}/archive`);
  const erased = await other.api('POST', `/api/v1/people/${first.personId}/erase`, { confirm: first.email });
  expect(erased.status).toBe(204);
  const second = await world.invite(other);
  expect((await world.post()).has(second.email)).toBe(false);
  const mails = await world.rows(other.id, 'SELECT recipient, person_id, body FROM mail');
  expect(mails).toEqual([{ recipient: 'erased', personId: null, body: null }]);
  clock.advance(HOUR);
  expect((await world.post()).has(second.email)).toBe(true);
});
