import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { makeSecret } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import type { Tx } from '../database/tx.js';
import { Mails } from '../mail/mails.service.js';
import { InvitationsRepository } from './invitations.repository.js';
import type { ClosedBecause } from './invitations.states.js';
import { InvitationLinksRepository, type LinkedInvitation } from './links.repository.js';

const AN_HOUR = 3_600_000;

/** Makes the links of invitations, into a mail or to hand over, and ends them. Each new one ends the one before. */
@Injectable()
export class InvitationLinks {
  constructor(
    private readonly links: InvitationLinksRepository,
    private readonly invitations: InvitationsRepository,
    private readonly mails: Mails,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'invitations' | 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The mail is made in this transaction, so that its link lives as long as it says. */
  async mail(tx: Tx, organisationId: string, row: LinkedInvitation, by: AuditContext): Promise<void> {
    const { url, digest, expiresAt, now } = this.make(organisationId);
    const mailId = newId();
    const { inviterName: inviter, message, position, team, language, emailCanonical: to, personId } = row;
    await this.withdraw(tx, row);
    const fresh = await this.mails.enqueue(tx, {
      template: 'invitation',
      id: mailId,
      cause: `invitation:${row.id}:${row.version + 1}`,
      to,
      personId,
      values: { language, inviter, message, position, team, link: url, until: expiresAt.toISOString() },
      until: expiresAt,
    });
    if (!fresh) throw new TypeError('an invitation has a mail of a version that it does not have yet');
    await this.links.renew(tx, row.id, { digest, mailId, now, expiresAt });
    await this.audit.record(tx, {
      ...by,
      action: 'invitation.sent',
      subject: { kind: 'invitation', id: row.id },
      detail: { version: row.version + 1 },
    });
  }

  /** To be shown once, to whoever hands it over. */
  async show(
    tx: Tx,
    organisationId: string,
    row: LinkedInvitation,
    by: AuditContext,
  ): Promise<{ url: string; expiresAt: Date }> {
    const { url, digest, expiresAt, now } = this.make(organisationId);
    await this.withdraw(tx, row);
    await this.links.renew(tx, row.id, { digest, mailId: null, now, expiresAt });
    const subject = { kind: 'invitation', id: row.id };
    await this.audit.record(tx, {
      ...by,
      action: 'invitation.link_shown',
      subject,
      detail: { version: row.version + 1 },
    });
    return { url, expiresAt };
  }

  /** Ends those that still stand, with the mail of theirs that waits. @returns Which. */
  async close(
    tx: Tx,
    which: { ids: readonly string[] } | { importId: string },
    because: ClosedBecause,
    by: AuditContext,
  ): Promise<string[]> {
    const closed = await this.invitations.close(tx, which, because, this.clock.now());
    const mails = closed.flatMap(({ mailId }) => mailId ?? []);
    if (mails.length > 0) await this.mails.withdraw(tx, mails);
    const action =
      because === 'revoked'
        ? 'invitation.revoked'
        : because === 'declined'
          ? 'invitation.declined'
          : 'invitation.closed';
    await this.audit.recordMany(
      tx,
      by,
      closed.map(({ id }) => ({ action, subject: { kind: 'invitation', id }, detail: { because } }) as const),
    );
    return closed.map(({ id }) => id);
  }

  /** In the fragment, which no browser sends and no log sees: the page takes it out and posts it (I-15). */
  urlOf(text: string): string {
    return `${publicSiteOf(this.config.server).origin}/invitation#${text}`;
  }

  private make(organisationId: string): { url: string; digest: Buffer; expiresAt: Date; now: Date } {
    const now = this.clock.now();
    const { text, digest } = makeSecret(organisationId, randomBytes);
    const expiresAt = new Date(now.getTime() + this.config.invitations.ttlHours * AN_HOUR);
    return { url: this.urlOf(text), digest, expiresAt, now };
  }

  private async withdraw(tx: Tx, { mailId }: LinkedInvitation): Promise<void> {
    if (mailId !== null) await this.mails.withdraw(tx, [mailId]);
  }
}
