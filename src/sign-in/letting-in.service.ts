import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Actor } from '../audit/audit.types.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { deviceOf } from '../auth/device.js';
import { Sessions } from '../auth/sessions.service.js';
import type { NewSession } from '../auth/sessions.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { Mails } from '../mail/mails.service.js';
import { localReason } from '../people/local-reasons.js';
import { PeopleWriter } from '../people/people-writer.service.js';
import type { IdentityProvider } from '../sso/identity-providers.types.js';
import type { ProvenIdentity } from '../sso/sso.types.js';
import type { SignInDecision } from './decide.types.js';
import { Entering } from './entering.service.js';
import { conflictCause, FactsRepository, type KnownPerson } from './facts.repository.js';
import { IdentitiesRepository, type LinkedBy } from './identities.repository.js';
import { Invited, type OpenInvitation } from './invited.service.js';
import type { Refusal } from './refusals.js';

export interface Admitted {
  identity: ProvenIdentity;
  provider: IdentityProvider;
  visitor: Visitor;
  people: ReadonlyMap<string, KnownPerson>;
  /** The address in the identity is verified, in a domain of this organisation, by a provider whose word on it counts. */
  addressProven: boolean;
  /** What they may accept by this. */
  invitation?: OpenInvitation | null;
}

/** Somebody else tied the account meanwhile: all of it is taken back, and decided again. */
export class SomebodyWasFaster extends Error {}

const STRANGER: Actor = { kind: 'stranger' };

/** How somebody showed at a provider who they are, as their session keeps it. */
export function shownAt({ id, settings }: IdentityProvider, { amr, acr, subject, sid, idToken }: ProvenIdentity) {
  const { maxSessionHours } = settings;
  return {
    strength: 'provider' as const,
    amr,
    acr,
    provider: { id, subject, sid, idToken },
    ...(maxSessionHours === null ? {} : { longestHours: maxSessionHours }),
  };
}

/** Does what was decided about somebody at the door, in the transaction in which it was. */
@Injectable()
export class LettingIn {
  constructor(
    private readonly entering: Entering,
    private readonly identities: IdentitiesRepository,
    private readonly facts: FactsRepository,
    private readonly people: PeopleWriter,
    private readonly sessions: Sessions,
    private readonly invited: Invited,
    private readonly mails: Mails,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @returns Null when somebody else was faster: decide again.
   * @throws {SomebodyWasFaster} the same, and something was written already.
   * @throws {RollcallError} `sign_in.refused` when the last door stays shut.
   */
  async letIn(
    tx: Tx,
    decision: SignInDecision & { do: 'enter' | 'link' | 'create' },
    admitted: Admitted,
  ): Promise<NewSession | null> {
    const { identity, provider, visitor, people } = admitted;
    const personId = decision.do === 'create' ? await this.create(tx, admitted) : decision.personId;
    if (personId === null) return null;
    if (decision.do !== 'create' && decision.accepts && !(await this.accept(tx, admitted))) return null;
    if (decision.do === 'enter') {
      // Whoever unties the account at this moment ends its sessions before there is this one: then it counts for nothing.
      if (!(await this.identities.used(tx, provider.id, identity.subject, this.clock.now()))) {
        throw new SomebodyWasFaster();
      }
      await this.followAddress(tx, people.get(personId) ?? null, admitted);
    } else {
      const by = decision.do === 'create' ? 'just_in_time' : decision.by;
      if (!(await this.link(tx, personId, by, admitted, STRANGER))) throw new SomebodyWasFaster();
    }
    const now = this.clock.now();
    const { authTime } = identity;
    // Who is not told when that was has the token's own word that it is a new one.
    const authenticatedAt = authTime !== null && authTime < now ? authTime : now;
    return this.entering.enter(tx, personId, { ...shownAt(provider, identity), authenticatedAt }, visitor);
  }

  /** @returns False when it is accepted or over by now; true also where a run has closed it, for they are in. */
  private async accept(tx: Tx, { invitation = null, visitor }: Admitted): Promise<boolean> {
    return invitation === null || this.invited.door.accept(tx, invitation, 'provider', visitor);
  }

  /** Why somebody who showed again who they are does not get through the last door by it; null when they do. */
  async whyNotAgain(
    tx: Tx,
    personId: string,
    provider: IdentityProvider,
    identity: ProvenIdentity,
  ): Promise<Refusal | null> {
    if (!(await this.identities.used(tx, provider.id, identity.subject, this.clock.now()))) return 'other_person';
    return this.entering.whyNot(tx, personId, shownAt(provider, identity));
  }

  /** Ties an account to whoever is signed in; their other sessions end. @returns False when it is somebody's by now. */
  async tie(
    tx: Tx,
    { personId }: SignInDecision & { do: 'link' },
    admitted: Admitted,
    sessionId: string,
  ): Promise<boolean> {
    const actor: Actor = { kind: 'person', id: personId, sessionId };
    if (!(await this.link(tx, personId, 'session', admitted, actor))) return false;
    await this.sessions.end(tx, { personIds: [personId], except: [sessionId] }, 'factor_changed');
    return true;
  }

  private async link(
    tx: Tx,
    personId: string,
    linkedBy: LinkedBy,
    { identity, provider, visitor, people }: Admitted,
    by: Actor,
  ): Promise<boolean> {
    const at = this.clock.now();
    const row = { providerId: provider.id, subject: identity.subject, personId, linkedBy, at };
    if (!(await this.identities.link(tx, row))) return false;
    await this.facts.mend(tx, conflictCause(provider.id, personId), at);
    const { requestId, address, userAgent } = visitor;
    const subject = { kind: 'person', id: personId };
    const detail = { provider: provider.id, how: linkedBy };
    await this.audit.record(tx, { by, requestId, address, action: 'identity.linked', subject, detail });
    const person = people.get(personId);
    // Whose directory says that the account is theirs, and who did not exist a moment ago, need not be warned.
    if (person === undefined || linkedBy === 'directory' || linkedBy === 'just_in_time') return true;
    const device = deviceOf(userAgent);
    const to = { cause: `identity:${provider.id}:${personId}:${at.getTime()}`, to: person.emailCanonical, personId };
    await (linkedBy === 'email' || linkedBy === 'invitation'
      ? this.mails.enqueue(tx, { ...to, template: 'new_sign_in', values: { provider: provider.name, device } })
      : this.mails.enqueue(tx, {
          ...to,
          template: 'factor_changed',
          values: { change: 'identity_linked', name: provider.name, device },
        }));
    return true;
  }

  /** O-48: a member, whatever the token claims. @returns Null when the address is somebody's by now. */
  private async create(tx: Tx, { identity, visitor }: Admitted): Promise<string | null> {
    const { email, firstName, lastName } = identity;
    if (email === null) throw new TypeError('nobody is made without an address');
    const personId = newId();
    const change = {
      id: newId(),
      kind: 'add',
      personId,
      reason: localReason('signed_in_first'),
      before: null,
      after: { state: 'active', email, emailCanonical: email, firstName, lastName, isAdmin: false, isProtected: false },
      expectedVersion: null,
    } as const;
    const { requestId, address } = visitor;
    const results = await this.people.apply(tx, [change], { origin: 'sso', actor: STRANGER, requestId, address });
    return results.get(change.id) === 'applied' ? personId : null;
  }

  /**
   * O-54: of somebody who came in by signing in, the address follows the provider's. Nobody else's does: a directory or an
   * admin keeps it, and of admins, operators and break-glass people it is a way in.
   */
  private async followAddress(tx: Tx, person: KnownPerson | null, admitted: Admitted): Promise<void> {
    const { identity, provider, visitor, addressProven } = admitted;
    const { email } = identity;
    if (person === null || email === null || !addressProven || email === person.emailCanonical) return;
    if (person.origin !== 'sso' || person.managed || person.isAdmin || person.isOperator || person.isBreakGlass) return;
    const change = {
      id: newId(),
      kind: 'update',
      personId: person.id,
      reason: localReason('address_by_sign_in'),
      before: { emailCanonical: person.emailCanonical },
      after: { email, emailCanonical: email },
      expectedVersion: person.version,
    } as const;
    const { requestId, address } = visitor;
    const by: Actor = STRANGER;
    const results = await this.people.apply(tx, [change], { origin: 'sso', actor: by, requestId, address });
    // Somebody else has the new one: then the old one stays.
    if (results.get(change.id) !== 'applied') return;
    await this.mails.enqueue(tx, {
      template: 'address_changed',
      cause: `address:${provider.id}:${change.id}`,
      to: person.emailCanonical,
      personId: person.id,
      values: { address: email },
    });
  }
}
