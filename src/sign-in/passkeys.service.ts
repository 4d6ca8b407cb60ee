import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { setCookie } from '../auth/cookies.js';
import { deviceOf } from '../auth/device.js';
import { assertFresh } from '../auth/fresh.guard.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Mails } from '../mail/mails.service.js';
import { PasskeyChallenges } from './passkeys-challenges.js';
import { challengeOf, checkNew, creationOptions, isFault, type CheckedPasskey } from './passkeys-check.js';
import { userHandle } from './passkeys-handle.js';
import type { AddPasskey, PasskeyCreation, PasskeysList, PasskeyView } from './passkeys.dto.js';
import { PasskeysRepository, type PasskeyOwner, type PasskeyRow } from './passkeys.repository.js';
import { refused as refusedBecause } from './refusals.js';

const MOST_PER_PERSON = 20;

/** The passkeys that people have, which they add and remove themselves. */
@Injectable()
export class Passkeys {
  private readonly log = new Logger('passkeys');
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly passkeys: PasskeysRepository,
    private readonly challenges: PasskeyChallenges,
    private readonly sessions: Sessions,
    private readonly mails: Mails,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'server' | 'session'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.site = publicSiteOf(config.server);
  }

  async list(caller: Caller): Promise<PasskeysList> {
    const rows = await this.database.asOrganisation(
      caller.organisationId,
      (tx) => this.passkeys.list(tx, personOf(caller)),
      { readOnly: true },
    );
    return { items: rows.map(toView) };
  }

  /** @throws {RollcallError} `session.reauthentication_needed`, `session.passkey_needed`, `passkey.too_many`, `sign_in.refused` */
  async creation(caller: Caller): Promise<PasskeyCreation> {
    const personId = personOf(caller);
    const { owner, known } = await this.database.asOrganisation(
      caller.organisationId,
      async (tx) => ({ owner: await this.mayAdd(tx, caller), known: await this.passkeys.list(tx, personId) }),
      { readOnly: true },
    );
    const challenge = await this.challenges.make('enrol', { sessionId: caller.credentialId });
    const handle = userHandle(caller.organisationId, personId);
    const user = { handle, name: owner.email, displayName: owner.name };
    return creationOptions(this.site, { challenge, user, known });
  }

  /**
   * Adds a passkey to the person who is signed in. Their other sessions end, this one goes on under a new id, and as strong
   * as the passkey is: making it has shown who they are.
   *
   * @throws {RollcallError} as `creation`, and `passkey.refused`
   */
  async add(
    caller: Caller,
    { name, response }: AddPasskey,
    http: { request: Request; response: Response },
  ): Promise<PasskeyView> {
    const made = await this.checked(caller, response);
    const { row, cookie } = await this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.passkeys.lockOwner(tx, personOf(caller));
      const owner = await this.mayAdd(tx, caller);
      const now = this.clock.now();
      const passkey = { ...made, id: newId(), personId: owner.id, name, createdAt: now };
      if (!(await this.passkeys.insert(tx, passkey))) throw refused('This passkey is known here already.');
      await this.changed(tx, caller, owner, { id: passkey.id, name, done: 'added', http });
      const how = { strength: 'passkey', amr: ['pop', 'user'], acr: null, at: now } as const;
      const session = await this.sessions.reauthenticated(tx, caller.credentialId, how);
      return { row: { ...passkey, lastUsedAt: null }, cookie: session.cookie };
    });
    setCookie(http.response, 'session', cookie, { site: this.site });
    return toView(row);
  }

  /** Changes nothing but what its owner reads. @throws {RollcallError} `passkey.not_found` */
  rename(caller: Caller, id: string, name: string): Promise<PasskeyView> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const row = await this.passkeys.rename(tx, personOf(caller), id, name);
      if (row === null) throw new RollcallError('passkey.not_found', 'You have no such passkey.');
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'passkey.renamed',
        subject: { kind: 'person', id: row.personId },
        detail: { passkey: id },
      });
      return toView(row);
    });
  }

  /** @throws {RollcallError} `session.passkey_needed`, `passkey.not_found`, `passkey.last` */
  async remove(caller: Caller, id: string, http: { request: Request; response: Response }): Promise<void> {
    await this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.passkeys.lockOwner(tx, personOf(caller));
      const owner = found(await this.passkeys.owner(tx, personOf(caller)));
      if (caller.strength === 'link' && owner.needsStrong)
        throw new RollcallError(
          'session.passkey_needed',
          'Sign in with a passkey, or at your company, to remove one; a link by mail is not enough.',
        );
      const removed = await this.passkeys.remove(tx, owner.id, id);
      if (removed === null) throw new RollcallError('passkey.not_found', 'You have no such passkey.');
      if (owner.needsStrong && owner.passkeys === 1 && !owner.hasProvider)
        throw new RollcallError('passkey.last', 'This is your last passkey, and you need one: add another one first.');
      await this.changed(tx, caller, owner, { id, name: removed.name, done: 'removed', http });
    });
  }

  private async checked(caller: Caller, response: AddPasskey['response']): Promise<CheckedPasskey> {
    const challenge = challengeOf(response.response.clientDataJSON);
    const whom = { sessionId: caller.credentialId };
    if (challenge === null || !(await this.challenges.take('enrol', whom, challenge)))
      throw refused('This took too long, or was begun elsewhere: try again.');
    const result = await checkNew(this.site, response, challenge);
    if (!isFault(result)) return result;
    this.log.warn({ because: result.because, error: result.error }, 'a new passkey was refused');
    throw refused('The passkey did not pass a check: try again, or use another device.');
  }

  private async mayAdd(tx: Tx, caller: Caller): Promise<PasskeyOwner> {
    const owner = found(await this.passkeys.owner(tx, personOf(caller)));
    if (owner.ssoOnly) throw refusedBecause('sso_enforced');
    // O-42: whoever reads an admin's mail must not come to more by it than their account at the company lets them.
    if (caller.strength === 'link' && (owner.passkeys > 0 || (owner.needsStrong && owner.hasProvider)))
      throw new RollcallError(
        'session.passkey_needed',
        'Sign in at your company, or with a passkey that you have, to add one; a link by mail is not enough.',
      );
    // A first passkey is why somebody came by a link at all; there is nothing else to show again.
    if (owner.passkeys > 0 || (caller.strength !== 'link' && caller.strength !== 'break_glass'))
      assertFresh(caller, this.clock.now(), this.config.session.freshMinutes);
    if (owner.passkeys >= MOST_PER_PERSON)
      throw new RollcallError(
        'passkey.too_many',
        `Nobody has more than ${MOST_PER_PERSON} passkeys: remove one first.`,
      );
    return owner;
  }

  /** whoever sits elsewhere with the old ways in is out, and the person hears of it. */
  private async changed(
    tx: Tx,
    caller: Caller,
    owner: PasskeyOwner,
    what: { id: string; name: string; done: 'added' | 'removed'; http: { request: Request } },
  ): Promise<void> {
    await this.sessions.end(tx, { personIds: [owner.id], except: [caller.credentialId] }, 'factor_changed');
    await this.audit.record(tx, {
      ...contextOf(caller),
      action: what.done === 'added' ? 'passkey.added' : 'passkey.removed',
      subject: { kind: 'person', id: owner.id },
      detail: { passkey: what.id },
    });
    await this.mails.enqueue(tx, {
      template: 'factor_changed',
      cause: `passkey_${what.done}:${what.id}`,
      to: owner.emailCanonical,
      personId: owner.id,
      values: {
        change: what.done === 'added' ? 'passkey_added' : 'passkey_removed',
        name: what.name,
        device: deviceOf(what.http.request.headers['user-agent'] ?? ''),
      },
    });
  }
}

function personOf(caller: Caller): string {
  if (caller.personId === null) throw new TypeError('a route about oneself has no person');
  return caller.personId;
}

function found(owner: PasskeyOwner | null): PasskeyOwner {
  if (!owner) throw new RollcallError('request.unauthenticated', 'You are signed out; sign in again.');
  return owner;
}

function refused(sentence: string): RollcallError {
  return new RollcallError('passkey.refused', sentence);
}

export function toView(row: PasskeyRow): PasskeyView {
  return {
    id: row.id,
    name: row.name,
    createdAt: instant(row.createdAt),
    lastUsedAt: instantOrNull(row.lastUsedAt),
    backedUp: row.backedUp,
  };
}
