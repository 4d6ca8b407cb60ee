import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { Sessions } from '../auth/sessions.service.js';
import type { NewSession } from '../auth/sessions.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { ReadingAtSignIn, type AtTheDoor } from '../runs/at-sign-in.service.js';
import type { DirectorySays } from '../runs/at-sign-in.types.js';
import { IdentityProviders } from '../sso/identity-providers.service.js';
import type { Attempt, ProvenIdentity } from '../sso/sso.types.js';
import { TestSignIns } from '../sso/test-sign-ins.service.js';
import { renewedAt } from './account-rules.js';
import { decide, decideStepUp, decideTie, isAddressProven } from './decide.js';
import type { SignInDecision } from './decide.types.js';
import { conflictCause, FactsRepository } from './facts.repository.js';
import { Facts } from './facts.service.js';
import type { OpenInvitation } from './invited.service.js';
import { LettingIn, shownAt, SomebodyWasFaster } from './letting-in.service.js';
import { refusalIn, refused, type Refusal } from './refusals.js';
import { wouldHappen } from './would-happen.js';

/** Who came back from a provider, what for, and from where. */
export interface Arrival {
  attempt: Attempt;
  identity: ProvenIdentity;
  visitor: Visitor;
}

type Refused = SignInDecision & { do: 'refuse' };
/** What became of an arrival; `retry`: something changed while it was written. */
type Outcome = NewSession | Refused | Waiting | 'retry';

/** A run is to be waited for; what they were invited by stays in mind, for the run may close it. */
interface Waiting {
  invitedBefore: OpenInvitation | null;
}

/** What is known at one look. */
interface Look extends Waiting {
  heard: DirectorySays | null;
  waited: boolean;
}

const AT_FIRST = { link: null, waited: false, invitedBefore: null };
/** However much of the time a directory took: a run that is asked for is waited for so long at least, milliseconds. */
const LEAST_WAIT_MS = 300;
const MOST_ATTEMPTS = 3;

/** What becomes of somebody who came back from a provider with a proven identity. */
@Injectable()
export class Arrivals {
  constructor(
    private readonly database: Database,
    private readonly facts: Facts,
    private readonly people: FactsRepository,
    private readonly providers: IdentityProviders,
    private readonly reading: ReadingAtSignIn,
    private readonly lettingIn: LettingIn,
    private readonly sessions: Sessions,
    private readonly tests: TestSignIns,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'signIn' | 'identityProviders'>,
  ) {}

  /**
   * @returns The session to hand out; null when there is none: after a test, or a tie made from a session.
   * @throws {RollcallError} `sign_in.refused` with the reason.
   */
  async arrive(arrival: Arrival): Promise<NewSession | null> {
    const began = this.clock.now();
    const door = await this.doorOf(arrival);
    const heard = door === null ? null : await this.reading.look(door);
    switch (arrival.attempt.purpose) {
      case 'test':
        return this.test(arrival, heard);
      case 'step_up':
        return this.stepUp(arrival, heard, door);
      case 'link':
        return this.tie(arrival, heard, door);
      case 'sign_in':
        return this.signIn(arrival, heard, door, began);
    }
  }

  private async signIn(
    arrival: Arrival,
    heard: DirectorySays | null,
    door: AtTheDoor | null,
    began: Date,
  ): Promise<NewSession> {
    let outcome = await this.attempt(arrival, { heard, ...AT_FIRST });
    if (isWaiting(outcome) && door !== null) {
      const { invitedBefore } = outcome;
      const left = this.config.signIn.directoryReadMs - (this.clock.now().getTime() - began.getTime());
      await this.reading.settle(door, Math.max(left, LEAST_WAIT_MS));
      outcome = await this.attempt(arrival, { heard: await this.reading.look(door), waited: true, invitedBefore });
    }
    const last = outcome === 'retry' || isWaiting(outcome) ? refusal('not_yet') : outcome;
    return 'do' in last ? this.refuse(arrival, last, door) : last;
  }

  /** Decides and does it in one transaction, with everybody concerned locked. */
  private async attempt(arrival: Arrival, look: Look): Promise<Outcome> {
    const { organisationId } = arrival.attempt;
    const once = (tx: Tx): Promise<Outcome> => this.decideAndDo(tx, arrival, look);
    for (let tries = 1; ; tries += 1) {
      const outcome = await retryOnConflict(() => this.database.asOrganisation(organisationId, once)).catch(
        (error: unknown) => {
          if (error instanceof SomebodyWasFaster) return 'retry';
          const because = refusalIn(error);
          if (because === null) throw error;
          return refusal(because);
        },
      );
      // Somebody else tied the account, or took the address, just now: look again, and find what they made.
      if (outcome !== 'retry' || tries === MOST_ATTEMPTS) return outcome;
    }
  }

  private async decideAndDo(tx: Tx, { attempt, identity, visitor }: Arrival, look: Look): Promise<Outcome> {
    const { purpose, invitation: link } = attempt;
    const of = { identity, purpose, ...look, link };
    const { facts, provider, people, invitation } = await this.facts.ofStranger(tx, of);
    const decision = decide(facts);
    if (decision.do === 'wait_for_run') return { invitedBefore: invitation };
    if (decision.do === 'refuse') return decision;
    const admitted = { identity, provider, visitor, people, addressProven: isAddressProven(facts), invitation };
    return (await this.lettingIn.letIn(tx, decision, admitted)) ?? 'retry';
  }

  private async stepUp(arrival: Arrival, heard: DirectorySays | null, door: AtTheDoor | null): Promise<NewSession> {
    const { attempt, identity, visitor } = arrival;
    const now = this.clock.now();
    const skewMs = this.config.identityProviders.clockSkewSeconds * 1000;
    const at = renewedAt(identity.authTime, { askedAt: attempt.createdAt, now, skewMs });
    const outcome = await this.database.asOrganisation(attempt.organisationId, async (tx) => {
      const own = await this.own(tx, arrival, heard);
      if (own === null) return refusal('unknown');
      const decision = decideStepUp(own.facts);
      if (decision.do === 'refuse') return decision;
      if (decision.do !== 'enter') throw new TypeError(`a step-up never leads to ${decision.do}`);
      if (at === null) return refusal('stale', decision.personId);
      const because = await this.lettingIn.whyNotAgain(tx, decision.personId, own.provider, identity);
      if (because !== null) return refusal(because, decision.personId);
      const how = { ...shownAt(own.provider, identity), at };
      const session = await this.sessions.reauthenticated(tx, attempt.sessionId ?? '', how);
      await this.audit.record(tx, {
        ...contextOf(visitor),
        by: { kind: 'person', id: decision.personId, sessionId: session.id },
        action: 'sign_in.stepped_up',
        subject: { kind: 'person', id: decision.personId },
        detail: { provider: attempt.providerId },
      });
      return session;
    });
    return 'do' in outcome ? this.refuse(arrival, outcome, door) : outcome;
  }

  private async tie(arrival: Arrival, heard: DirectorySays | null, door: AtTheDoor | null): Promise<null> {
    const { attempt, identity, visitor } = arrival;
    const outcome = await this.database.asOrganisation(attempt.organisationId, async (tx) => {
      const own = await this.own(tx, arrival, heard);
      const decision = own === null ? refusal('unknown') : decideTie(own.facts);
      if (own === null || decision.do !== 'link') return decision.do === 'refuse' ? decision : null;
      const { provider, people, facts } = own;
      const admitted = { identity, provider, visitor, people, addressProven: isAddressProven(facts) };
      const tied = await this.lettingIn.tie(tx, decision, admitted, attempt.sessionId ?? '');
      return tied ? null : refusal('other_subject', decision.personId);
    });
    return outcome === null ? null : this.refuse(arrival, outcome, door);
  }

  /** Ends in what would have happened, and in nothing else. */
  private async test({ attempt, identity }: Arrival, heard: DirectorySays | null): Promise<null> {
    await this.database.asOrganisation(attempt.organisationId, async (tx) => {
      const { facts } = await this.facts.ofStranger(tx, { identity, purpose: 'test', heard, ...AT_FIRST });
      await this.tests.conclude(tx, attempt, wouldHappen(decide(facts)));
    });
    return null;
  }

  /** Facts about the person of the session that asked; null when it has ended meanwhile. */
  private async own(tx: Tx, { attempt, identity }: Arrival, heard: DirectorySays | null) {
    const { sessionId, purpose } = attempt;
    const now = this.clock.now();
    const usedAfter = new Date(now.getTime() - this.sessions.idleMs('person'));
    const personId = sessionId === null ? null : await this.people.ofSession(tx, sessionId, now, usedAfter);
    return personId === null ? null : this.facts.ofSelf(tx, { identity, purpose, heard }, personId);
  }

  private doorOf({ attempt, identity }: Arrival): Promise<AtTheDoor | null> {
    const { organisationId, providerId } = attempt;
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const { connectionId } = await this.providers.get(tx, providerId);
        return connectionId === null ? null : { organisationId, connectionId, externalId: identity.subject };
      },
      { readOnly: true },
    );
  }

  private async refuse(arrival: Arrival, decision: Refused, door: AtTheDoor | null): Promise<never> {
    await this.tell(arrival, decision);
    if (decision.askRun && door !== null) await this.reading.askForRun(door);
    throw refused(decision.because);
  }

  private async tell({ attempt, visitor }: Arrival, { because, personId, notice }: Refused): Promise<void> {
    await this.database.asOrganisation(attempt.organisationId, async (tx) => {
      const context = contextOf(visitor);
      const detail = { because, purpose: attempt.purpose, provider: attempt.providerId, person: personId };
      const subject = { kind: 'identity_provider', id: attempt.providerId };
      await this.audit.record(tx, { ...context, action: 'sign_in.refused', subject, outcome: 'refused', detail });
      if (notice && personId !== null) await this.askAdmins(tx, attempt.providerId, personId, context);
    });
  }

  /** O-40: never tied by itself; an admin removes the old account, or does not. */
  private async askAdmins(tx: Tx, providerId: string, personId: string, context: AuditContext): Promise<void> {
    const isNew = await this.people.notice(tx, {
      id: newId(),
      kind: 'identity_conflict',
      cause: conflictCause(providerId, personId),
      personId,
      message:
        'Somebody signed in with an account that is new here, while another account of the same person is known. If it is the same person, remove the old account from them.',
      at: this.clock.now(),
    });
    if (!isNew) return;
    const subject = { kind: 'person', id: personId };
    await this.audit.record(tx, { ...context, action: 'identity.conflict', subject, detail: { provider: providerId } });
  }
}

function isWaiting(outcome: Outcome): outcome is Waiting {
  return typeof outcome === 'object' && 'invitedBefore' in outcome;
}

function refusal(because: Refusal, personId: string | null = null): Refused {
  return { do: 'refuse', because, personId, askRun: false, notice: false };
}

/** Nobody is known yet when somebody is not let in. */
function contextOf({ requestId, address }: Visitor): AuditContext {
  return { by: { kind: 'stranger' }, requestId, address };
}
