import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { localReason } from '../people/local-reasons.js';
import { PeopleWriter } from '../people/people-writer.service.js';
import {
  Invited,
  type InvitationDoor,
  type InvitationQuestion,
  type OpenInvitation,
} from '../sign-in/invited.service.js';
import type { InvitationLink } from '../sso/sso.types.js';
import { InvitationLinksRepository, type LinkedInvitation } from './links.repository.js';
import { InvitationLinks } from './links.service.js';

/**
 * Where an invitation is used up, whatever way somebody comes: judged at that moment, by what stands in its row and in no
 * request (I-01, I-02, I-05, I-06).
 */
@Injectable()
export class InvitationsDoor implements InvitationDoor, OnModuleInit {
  constructor(
    private readonly rows: InvitationLinksRepository,
    private readonly links: InvitationLinks,
    private readonly writer: PeopleWriter,
    private readonly organisations: OrganisationsService,
    private readonly audit: AuditService,
    private readonly invited: Invited,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.invited.register(this);
  }

  async open(tx: Tx, { link, candidateId, address }: InvitationQuestion): Promise<OpenInvitation | null> {
    const row =
      link !== null
        ? await this.rows.find(tx, link.id)
        : candidateId === null
          ? null
          : await this.rows.findOpenOf(tx, candidateId);
    // I-03: whoever comes from a provider has the very address that was invited.
    if (row === null || row.emailCanonical !== address || !(await this.isGood(tx, row))) return null;
    if (link !== null && link.version !== row.version) return null;
    return { id: row.id, version: row.version, personId: row.personId, byLink: link !== null };
  }

  /** Whoever signs in by another way has no use for it any more, and it is not sent to them later. */
  async arrived(tx: Tx, personId: string, { address, requestId }: Visitor): Promise<void> {
    const row = await this.rows.findOpenOf(tx, personId);
    if (row !== null)
      await this.links.close(tx, { ids: [row.id] }, 'arrived', { by: { kind: 'system' }, requestId, address });
  }

  /** Whether it would let its person in at this moment. */
  async isGood(tx: Tx, row: LinkedInvitation): Promise<boolean> {
    if (row.acceptedAt !== null || row.closedAt !== null || !row.fits || !row.inviterGood) return false;
    if (row.version === 0 || row.expiresAt === null || row.expiresAt <= this.clock.now()) return false;
    return !(await this.organisations.signInSettings(tx)).deleting;
  }

  async accept(
    tx: Tx,
    { id, version }: InvitationLink,
    by: 'provider' | 'link',
    { address, requestId }: Visitor,
  ): Promise<boolean> {
    const before = await this.rows.find(tx, id);
    if (before === null) return false;
    await this.rows.lockPerson(tx, before.personId);
    const row = await this.rows.lock(tx, id);
    if (row === null || row.version !== version || !(await this.isGood(tx, row))) return false;
    if (!(await this.rows.accept(tx, { id, version }, by, this.clock.now()))) return false;
    const actor = { kind: 'stranger' } as const;
    if (row.personState === 'pending') {
      const change = {
        ...{ id: newId(), kind: 'update' as const, personId: row.personId, reason: localReason('invitation_accepted') },
        ...{ before: { state: 'pending' as const }, after: { state: 'active' as const }, expectedVersion: null },
      };
      const results = await this.writer.apply(tx, [change], { origin: 'manual', actor, requestId, address });
      if (results.get(change.id) !== 'applied') throw new TypeError('somebody locked was changed by others');
    }
    await this.audit.record(tx, {
      by: actor,
      requestId,
      address,
      action: 'invitation.accepted',
      subject: { kind: 'invitation', id },
      detail: { by, version },
    });
    return true;
  }
}
