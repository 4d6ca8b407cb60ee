import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { Sessions } from '../auth/sessions.service.js';
import type { NewSession, SessionOrder } from '../auth/sessions.types.js';
import type { Tx } from '../database/tx.js';
import { EnteringRepository } from './entering.repository.js';
import { refused, type Refusal } from './refusals.js';

/** How somebody has just shown who they are. */
export type Shown = Omit<SessionOrder, 'personId' | 'address' | 'userAgent'>;

/**
 * The last door, the same for every way of signing in: whoever has shown who they are is looked at once more, locked, and
 * has a session in the same transaction or none.
 */
@Injectable()
export class Entering {
  constructor(
    private readonly entering: EnteringRepository,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
  ) {}

  /** For whoever locks something before they enter: the organisation comes first, or two wait for each other. */
  hold(tx: Tx): Promise<void> {
    return this.entering.hold(tx);
  }

  /** @throws {RollcallError} `sign_in.refused` with the reason; nothing was written then. */
  async enter(tx: Tx, personId: string, how: Shown, visitor: Visitor): Promise<NewSession> {
    const because = await this.whyNot(tx, personId, how);
    if (because !== null) throw refused(because);
    const { address, userAgent, requestId } = visitor;
    const session = await this.sessions.begin(tx, { ...how, personId, address, userAgent }, null);
    await this.audit.record(tx, {
      by: { kind: 'person', id: personId, sessionId: session.id },
      requestId,
      address,
      action: 'sign_in.succeeded',
      subject: { kind: 'person', id: personId },
      detail: { strength: how.strength, provider: how.provider?.id ?? null },
    });
    return session;
  }

  /** The last look at somebody, locked until the transaction ends. Null: they may. */
  async whyNot(
    tx: Tx,
    personId: string,
    { strength, provider }: Pick<Shown, 'strength' | 'provider'>,
  ): Promise<Refusal | null> {
    await this.entering.hold(tx);
    const person = await this.entering.person(tx, personId);
    if (person === null || person.erased) return 'unknown';
    if (person.deleting) return 'closed';
    if (person.state !== 'active') return person.state;
    if (provider !== null) {
      return person.sso && (await this.entering.isProviderActive(tx, provider.id)) ? null : 'closed';
    }
    // O-77: a link or a passkey is no way around the company's own sign-in. What the operator hands over is.
    return person.ssoOnly && strength !== 'break_glass' ? 'sso_enforced' : null;
  }
}
