import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import tls from 'node:tls';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Dispatch } from '../../src/invitations/dispatch.service.js';
import { Invitations } from '../../src/invitations/invitations.service.js';
import { Leftovers } from '../../src/schedule/leftovers.js';
import { DAY, HOUR, InvitationWorld, MINUTE } from '../support/invitation-world.js';
import type { TestOrganisation } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const SECOND = 1_000;
const trustedBefore = tls.getCACertificates();
const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let world: InvitationWorld;
let of: TestOrganisation;
beforeAll(async () => {
  world = await InvitationWorld.start(clock, { perHour: 5, perDay: 12, importPerMinute: 20 });
});
afterAll(async () => {
  await world.close();
  tls.setDefaultCACertificates(trustedBefore);
});
beforeEach(async () => {
  clock.advance(DAY);
  // Whoever waits from another test is not counted here.
  const rows = await world.service.database.asMigrate((tx) => tx.query<{ id: string }>('SELECT id FROM organisation'));
  for (const { id } of rows) await world.rows(id, 'DELETE FROM invitation');
  of = await world.service.newOrganisation();
});

const sendDue = (): Promise<number> => world.service.app.get(Dispatch, { strict: false }).sendDue();
const sending = async () => (await of.api('GET', '/api/v1/invitations/sending')).body;
const inviteMany = (count: number, by = of) =>
  by.api('POST', '/api/v1/invitations', {
    items: Array.from({ length: count }, () => ({ email: world.address() })),
    send: true,
  });

/** As a batch of a confirmed file does it. */
async function fromFile(count: number, importId = newId(), emails?: string[]): Promise<number> {
  const people: { id: string; email: string }[] = [];
  for (let at = 0; at < count; at++) {
    const email = emails?.[at];
    people.push(await world.person(of.id, email === undefined ? {} : { email }));
  }
  const invitations = world.service.app.get(Invitations, { strict: false });
  return world.service.database.asOrganisation(of.id, (tx) =>
    invitations.queueForImport(tx, {
      importId,
      people: people.map(({ id, email }) => ({ personId: id, emailCanonical: email, isAdmin: false })),
      by: { actor: { kind: 'operator' }, personId: null, keyId: null, name: 'Grace' },
      message: null,
      language: 'en',
    }),
  );
}

describe('I-18 invitations by hand', () => {
  it('go out as many in an hour, and in a day, as an organisation may; the others wait their turn', async () => {
    expect((await inviteMany(12)).status).toBe(200);
    expect(await sendDue()).toBe(5);
    expect(await sendDue()).toBe(0);
    clock.advance(HOUR - 1);
    expect(await sendDue()).toBe(0);
    clock.advance(1);
    expect(await sendDue()).toBe(5);
    clock.advance(HOUR);
    expect(await sendDue()).toBe(2);
    expect(await sending()).toMatchObject({ waiting: 0, byHand: 0, perHour: 5, perDay: 12, stopped: false });
  });

  it('are refused beyond the day’s, before anything is written', async () => {
    const answer = await inviteMany(13);
    expect(answer).toMatchObject({ status: 429, body: { code: 'invitation.limit', left: 12, perDay: 12 } });
    expect(await world.rows(of.id, 'SELECT id FROM person')).toEqual([]);
    expect((await inviteMany(12)).status).toBe(200);
    expect((await inviteMany(1)).status).toBe(429);
    const later = await of.api<{ items: { invitationId: string }[] }>('POST', '/api/v1/invitations', {
      items: [{ email: world.address() }],
      send: false,
    });
    const id = later.body.items[0]?.invitationId;
    expect((await of.api('POST', '/api/v1/invitations/send', { ids: [id] })).status).toBe(429);
    expect((await of.api('POST', `/api/v1/invitations/${id}/resend`)).status).toBe(429);
    expect(await world.shown(of, id ?? '')).toMatchObject({ state: 'not_sent' });
  });

  it('may be more where the operator says so, and nobody else', async () => {
    const { api } = await world.service.operator();
    const path = `/api/v1/operator/organisations/${of.id}`;
    expect(await api('PATCH', path, { invitesPerHour: 7, invitesPerDay: 40 })).toMatchObject({
      status: 200,
      body: { invitesPerHour: 7, invitesPerDay: 40 },
    });
    expect((await of.api('PATCH', '/api/v1/organisation', { invitesPerHour: 9 })).status).toBe(400);
    await expect(world.rows(of.id, 'UPDATE organisation SET invites_per_hour = 9')).rejects.toThrow(
      /permission denied/,
    );
    expect((await inviteMany(20)).status).toBe(200);
    expect(await sendDue()).toBe(7);
    expect(
      await world.rows(
        of.id,
        `SELECT detail->'fields' AS fields FROM audit_entry WHERE action = 'organisation.updated'`,
      ),
    ).toEqual([{ fields: ['invitesPerHour', 'invitesPerDay'] }]);
    expect(await api('PATCH', path, { invitesPerHour: null, invitesPerDay: null })).toMatchObject({
      body: { invitesPerHour: null, invitesPerDay: null },
    });
  });

  it('have their turn in every organisation, however many wait for their next hour', async () => {
    const waiting: TestOrganisation[] = [];
    for (let at = 0; at < 4; at++) waiting.push(await world.service.newOrganisation());
    for (const one of waiting) await inviteMany(6, one);
    const dispatch = world.service.app.get(Dispatch, { strict: false });
    expect(await dispatch.sendDue(2)).toBe(20);
    await inviteMany(1);
    expect(await dispatch.sendDue(2)).toBe(1);
  });

  it('are sent again after ten minutes, and within the limit', async () => {
    const { invitationId } = await world.invite(of);
    await sendDue();
    clock.advance(10 * MINUTE - 1);
    const resend = () => of.api('POST', `/api/v1/invitations/${invitationId}/resend`);
    expect(await resend()).toMatchObject({ status: 429, body: { code: 'invitation.too_soon' } });
    clock.advance(1);
    expect((await resend()).status).toBe(200);
    clock.advance(10 * MINUTE);
    expect((await resend()).status).toBe(200);
    clock.advance(10 * MINUTE);
    // The third of a day was the last for this address, whoever sends.
    expect(await resend()).toMatchObject({ status: 429, body: { code: 'invitation.limit' } });
    await inviteMany(2);
    await sendDue();
    const other = await world.invite(of);
    expect(await sendDue()).toBe(0);
    expect(await world.shown(of, other.invitationId)).toMatchObject({ state: 'waiting' });
    clock.advance(DAY);
    expect((await resend()).status).toBe(200);
  });

  it('bombing: one address gets three in a day, from however many organisations', async () => {
    const email = world.address();
    const many: TestOrganisation[] = [];
    for (let at = 0; at < 20; at++) many.push(await world.service.newOrganisation());
    const invited = await Promise.all(many.map((one) => world.invite(one, { email })));
    world.smtp.mails.length = 0;
    expect(await sendDue()).toBe(3);
    expect(await sendDue()).toBe(0);
    const states = await Promise.all(
      many.map(async (one, at) => (await world.shown(one, invited[at]?.invitationId ?? '')).notBefore),
    );
    const again = new Date(clock.now().getTime() + DAY).toISOString();
    expect(states.filter((notBefore) => notBefore === again)).toHaveLength(17);
    const kept = await world.service.database.asWorker((tx) =>
      tx.query("SELECT encode(digest, 'escape') AS d FROM invited_address"),
    );
    expect(JSON.stringify(kept)).not.toContain(email.split('@')[0]);
    clock.advance(DAY);
    expect(await sendDue()).toBe(3);
  });
});

describe('V-21 invitations of a file', () => {
  it('go out at a steady rate whatever the hour’s limit is, with progress, and stop when told', async () => {
    expect(await fromFile(60)).toBe(60);
    const before = await sending();
    expect(before).toMatchObject({ waiting: 60, byHand: 0, perMinute: 20, stopped: false });
    expect(before['until']).toBe(new Date(clock.now().getTime() + 3 * MINUTE).toISOString());
    const went: number[] = [];
    for (let at = 0; at < 12; at++) {
      went.push(await sendDue());
      clock.advance(5 * SECOND);
    }
    // Two in five seconds until the minute is full.
    expect(went).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0]);
    expect(await sending()).toMatchObject({ waiting: 40 });
    expect((await of.api('POST', '/api/v1/invitations/sending/stop')).body).toMatchObject({
      stopped: true,
      until: null,
    });
    for (let at = 0; at < 24; at++) {
      expect(await sendDue()).toBe(0);
      clock.advance(5 * SECOND);
    }
    // What a batch behind it brings stops too.
    expect(await fromFile(1)).toBe(1);
    expect(await sendDue()).toBe(0);
    expect((await of.api('POST', '/api/v1/invitations/sending/resume')).body).toMatchObject({
      waiting: 41,
      stopped: false,
    });
    let left = 41;
    for (let at = 0; at < 60 && left > 0; at++) {
      left -= await sendDue();
      clock.advance(5 * SECOND);
    }
    expect(left).toBe(0);
    expect((await sending())['until']).toBeNull();
    const most = await world.rows<{ most: number }>(
      of.id,
      `SELECT max(n)::int AS most FROM (SELECT count(*) OVER (ORDER BY created_at RANGE BETWEEN '59.999 seconds' PRECEDING AND CURRENT ROW) AS n
         FROM mail WHERE template = 'invitation') x`,
    );
    expect(most).toEqual([{ most: 20 }]);
  });

  it('stay stopped for somebody who was left for later as well, and a file brings', async () => {
    await fromFile(5);
    const left = await world.invite(of, {}, { send: false });
    expect((await of.api('POST', '/api/v1/invitations/sending/stop')).status).toBe(200);
    const people = [{ personId: left.personId, emailCanonical: left.email, isAdmin: false }];
    const invitations = world.service.app.get(Invitations, { strict: false });
    await world.service.database.asOrganisation(of.id, (tx) =>
      invitations.queueForImport(tx, {
        ...{ importId: newId(), people, message: null, language: 'en' },
        by: { actor: { kind: 'operator' }, personId: null, keyId: null, name: 'Grace' },
      }),
    );
    expect(await world.shown(of, left.invitationId)).toMatchObject({ state: 'waiting' });
    expect(await sendDue()).toBe(0);
    expect((await of.api('POST', '/api/v1/invitations/sending/resume')).body).toMatchObject({ waiting: 6 });
    for (let at = 0; at < 5; at++) {
      await sendDue();
      clock.advance(5 * SECOND);
    }
    expect(await sending()).toMatchObject({ waiting: 0 });
  });

  it('never delay what is sent by hand, nor does that them', async () => {
    await fromFile(30);
    await inviteMany(5);
    expect(await sendDue()).toBe(7);
  });

  it('reach nobody twice: not who has one that stands, nor who declined or whose server refused', async () => {
    const standing = await world.linked(of);
    const declined = await world.linked(of);
    expect((await world.jar().api('POST', '/api/v1/invitation/decline', { token: declined.token })).status).toBe(204);
    world.smtp.refuse = { recipient: [550, '5.1.1 no such user'] };
    const refused = await world.invite(of);
    await world.post();
    world.smtp.refuse = {};
    expect(await world.shown(of, refused.invitationId)).toMatchObject({
      state: 'refused',
      problem: 'recipient_refused',
    });
    expect((await of.api('POST', `/api/v1/invitations/${refused.invitationId}/revoke`)).status).toBe(200);
    const people = [standing, declined, refused].map(({ personId, email }) => ({
      ...{ personId, emailCanonical: email, isAdmin: false },
    }));
    const invitations = world.service.app.get(Invitations, { strict: false });
    const made = await world.service.database.asOrganisation(of.id, (tx) =>
      invitations.queueForImport(tx, {
        ...{ importId: newId(), people, message: null, language: 'en' },
        by: { actor: { kind: 'operator' }, personId: null, keyId: null, name: 'Grace' },
      }),
    );
    expect(made).toBe(0);
  });

  it('end with the import that is undone', async () => {
    const importId = newId();
    await fromFile(4, importId);
    expect(await sendDue()).toBe(2);
    const invitations = world.service.app.get(Invitations, { strict: false });
    await world.service.database.asOrganisation(of.id, (tx) => invitations.closeOfImport(tx, importId));
    clock.advance(MINUTE);
    expect(await sendDue()).toBe(0);
    expect(await world.rows(of.id, `SELECT DISTINCT state, problem FROM mail WHERE body IS NULL`)).toEqual([
      { state: 'failed', problem: 'withdrawn' },
    ]);
    expect(await world.rows(of.id, `SELECT DISTINCT closed_because FROM invitation`)).toEqual([
      { closedBecause: 'undone' },
    ]);
  });
});

it('I-05 what waits is judged again when it is sent', async () => {
  const { api, personId } = await world.service.session({ organisationId: of.id });
  await world.invite({ api });
  await world.rows(of.id, 'UPDATE person SET is_admin = false WHERE id = $1', [personId]);
  expect(await sendDue()).toBe(0);
  expect(await world.rows(of.id, 'SELECT closed_because FROM invitation')).toEqual([{ closedBecause: 'inviter' }]);
});

it('I-20 one that cannot be written keeps no other from its turn, and comes again later', async () => {
  const [bad, good] = [await world.invite(of), await world.invite(of)];
  await world.rows(of.id, `UPDATE invitation SET email_canonical = 'a@x, m@evil' WHERE id = $1`, [bad.invitationId]);
  await world.rows(of.id, `UPDATE person SET email_canonical = 'a@x, m@evil' WHERE id = $1`, [bad.personId]);
  expect(await sendDue()).toBe(1);
  expect(await world.shown(of, good.invitationId)).toMatchObject({ state: 'sent' });
  expect(await world.shown(of, bad.invitationId)).toMatchObject({ state: 'waiting' });
});

it('G-10 what is over is kept for 90 days, and addresses are counted no longer than needed', async () => {
  const { token } = await world.linked(of);
  expect((await world.accept(token)).status).toBe(200);
  const waiting = await world.invite(of, {}, { send: false });
  const leftovers = world.service.app.get(Leftovers, { strict: false });
  const clean = async (): Promise<string[]> => {
    await leftovers.clean(of.id, clock.now());
    return (await world.rows<{ id: string }>(of.id, 'SELECT id FROM invitation')).map(({ id }) => id);
  };
  clock.advance(90 * DAY);
  expect(await clean()).toHaveLength(2);
  clock.advance(1);
  expect(await clean()).toEqual([waiting.invitationId]);
  await leftovers.cleanInstallation(clock.now());
  expect(await world.service.database.asWorker((tx) => tx.query('SELECT id FROM invited_address'))).toEqual([]);
});
