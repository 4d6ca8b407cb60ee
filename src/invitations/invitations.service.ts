import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { Database } from '../database/database.service.js';
import { InvitationsRepository } from './invitations.repository.js';
import type { ImportOrder, SendingForecast } from './invitations.types.js';
import { InvitationLimits } from './limits.service.js';
import { InvitationLinks } from './links.service.js';
import { InvitationsSending } from './sending.service.js';

/** Closed ones, and those that nobody used, are kept so long. */
const KEPT_MS = 90 * 86_400_000;

/** What files of people, and the clean-up, ask of invitations. */
@Injectable()
export class Invitations {
  constructor(
    private readonly invitations: InvitationsRepository,
    private readonly links: InvitationLinks,
    private readonly limits: InvitationLimits,
    private readonly sending: InvitationsSending,
    private readonly audit: AuditService,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Queues them for the steady sending of files. Somebody with an open invitation keeps that one; who declined before, or
   * whose mail server takes no mail of ours, is not asked again by a file (I-18).
   *
   * @returns How many are new.
   */
  async queueForImport(tx: Tx, { importId, people, by, message, language }: ImportOrder): Promise<number> {
    if (people.length === 0) return 0;
    const refused = new Set(
      (await this.invitations.refusedBefore(tx, people.map((one) => one.emailCanonical))) // prettier-ignore
        .map((one) => one.emailCanonical),
    );
    const asked = people.filter(({ emailCanonical }) => !refused.has(emailCanonical));
    const now = this.clock.now();
    const made = await this.invitations.insert(
      tx,
      asked.map((one) => ({ id: newId(), ...one })),
      {
        by: by.actor,
        inviterId: by.personId,
        inviterKeyId: by.keyId,
        inviterName: by.name,
        message,
        language,
        importId,
        createdAt: now,
        queuedAt: now,
      },
    );
    // Who has one already is nobody in a first import.
    if (made.length < asked.length)
      await this.invitations.queueLeft(tx, asked.map(({ personId }) => personId), importId, now); // prettier-ignore
    await this.audit.recordMany(
      tx,
      { by: by.actor },
      made.map((id) => ({ action: 'invitation.created', subject: { kind: 'invitation', id } }) as const),
    );
    return made.length;
  }

  /** Until when the sending of files would take with so many more. */
  forecast(tx: Tx, more: number, now: Date): Promise<SendingForecast> {
    return this.sending.forecast(tx, more, now);
  }

  /** Closes those of an import that was undone. */
  async closeOfImport(tx: Tx, importId: string): Promise<void> {
    await this.links.close(tx, { importId }, 'undone', { by: { kind: 'system' } });
  }

  /** Takes away what has been over for 90 days. */
  async forgetOld(organisationId: string, now: Date): Promise<void> {
    const before = new Date(now.getTime() - KEPT_MS);
    await this.database.asOrganisation(organisationId, (tx) => this.invitations.forgetOld(tx, before));
  }

  /** What belongs to no organisation. */
  forgetRecipients(now: Date): Promise<void> {
    return this.limits.forgetOld(now);
  }
}
