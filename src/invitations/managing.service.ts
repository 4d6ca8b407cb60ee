import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type { InvitationLinkView, InvitationView, SendResults } from './invitations.dto.js';
import { InvitationsRepository } from './invitations.repository.js';
import { toInvitationView } from './invitations.view.js';
import { InvitationLimits } from './limits.service.js';
import { InvitationLinksRepository, type LinkedInvitation } from './links.repository.js';
import { InvitationLinks } from './links.service.js';

const A_MINUTE = 60_000;

/** What an admin does with invitations that are there. */
@Injectable()
export class InvitationsManaging {
  constructor(
    private readonly database: Database,
    private readonly invitations: InvitationsRepository,
    private readonly rows: InvitationLinksRepository,
    private readonly links: InvitationLinks,
    private readonly limits: InvitationLimits,
    private readonly organisations: OrganisationsService,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'invitations'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Those that were left for later wait for their turn from now on. @throws {RollcallError} `invitation.limit`, `organisation.deleting` */
  send(caller: Caller, ids: readonly string[]): Promise<SendResults> {
    return this.within(caller, async (tx) => {
      await this.organisations.requireStaying(tx);
      await this.rows.alone(tx);
      const unique = [...new Set(ids)];
      const over = await this.invitations.over(tx, unique);
      const now = this.clock.now();
      const queued = new Set(await this.queue(tx, caller, unique, now));
      // Those of this request wait already.
      await this.limits.assertDay(tx, 0, now);
      const resultOf = (id: string): SendResults['items'][number]['result'] => {
        if (queued.has(id)) return 'waiting';
        const ended = over.get(id);
        return ended === undefined ? 'not_found' : ended ? 'closed' : 'sent_before';
      };
      return { items: unique.map((id) => ({ id, result: resultOf(id) })) };
    });
  }

  /**
   * A new mail with a new link, at once; the older link is dead from this moment on.
   *
   * @throws {RollcallError} `invitation.not_found`, `invitation.closed`, `invitation.too_soon`, `invitation.limit`, `request.forbidden`,
   *   `organisation.deleting`
   */
  resend(caller: Caller, id: string): Promise<InvitationView> {
    return this.within(caller, async (tx) => {
      await this.rows.alone(tx);
      const row = await this.open(tx, caller, id);
      const now = this.clock.now();
      if (row.sentAt === null) {
        await this.queue(tx, caller, [id], now);
        await this.limits.assertDay(tx, 0, now);
        return this.view(tx, id, now);
      }
      this.assertNotTooSoon(row.sentAt, now);
      const { left, againAt } =
        row.importId === null ? await this.limits.byHand(tx, now) : await this.limits.ofFiles(tx, now);
      if (left === 0) throw limited('The organisation has sent as many invitations as it may for now', againAt);
      const again = await this.limits.recipient(row.emailCanonical, now);
      if (again !== null) throw limited('This address was sent as many invitations as anybody gets in a day', again);
      await this.links.mail(tx, caller.organisationId, row, contextOf(caller));
      return this.view(tx, id, now);
    });
  }

  /** Dead at once. Again changes nothing. @throws {RollcallError} `invitation.not_found`, `invitation.closed` where it was accepted */
  revoke(caller: Caller, id: string): Promise<InvitationView> {
    return this.within(caller, async (tx) => {
      const row = await this.found(tx, id);
      if (row.acceptedAt !== null) throw closed();
      await this.links.close(tx, { ids: [id] }, 'revoked', contextOf(caller));
      return this.view(tx, id, this.clock.now());
    });
  }

  /**
   * A new link to hand over, without a mail.
   *
   * @throws {RollcallError} `invitation.not_found`, `invitation.closed`, `request.forbidden`, `organisation.deleting`
   */
  link(caller: Caller, id: string): Promise<InvitationLinkView> {
    return this.within(caller, async (tx) => {
      const row = await this.open(tx, caller, id);
      const { url, expiresAt } = await this.links.show(tx, caller.organisationId, row, contextOf(caller));
      return { url, expiresAt: instant(expiresAt) };
    });
  }

  private async queue(tx: Tx, caller: Caller, ids: readonly string[], now: Date): Promise<string[]> {
    const queued = await this.invitations.queue(tx, ids, now);
    await this.audit.recordMany(
      tx,
      contextOf(caller),
      queued.map((id) => ({ action: 'invitation.queued', subject: { kind: 'invitation', id } }) as const),
    );
    return queued;
  }

  /** One that a new link can be made of, by this caller (I-06). */
  private async open(tx: Tx, caller: Caller, id: string): Promise<LinkedInvitation> {
    await this.organisations.requireStaying(tx);
    const row = await this.found(tx, id);
    if (row.acceptedAt !== null || row.closedAt !== null) throw closed();
    if (!row.inviterGood || !row.fits) {
      throw new RollcallError(
        'invitation.closed',
        'Who made this invitation may not invite any more, or the person changed: revoke it and invite anew.',
      );
    }
    if (row.isAdmin && !caller.scopes.has('people:admin'))
      throw new RollcallError('request.forbidden', 'Whoever invites an admin needs the scope people:admin.', {
        scope: 'people:admin',
      });
    return row;
  }

  private async found(tx: Tx, id: string): Promise<LinkedInvitation> {
    const row = await this.rows.lock(tx, id);
    if (row === null) throw notFound();
    return row;
  }

  private async view(tx: Tx, id: string, now: Date): Promise<InvitationView> {
    const row = await this.invitations.find(tx, id, now);
    if (row === null) throw notFound();
    return toInvitationView(row);
  }

  private assertNotTooSoon(sentAt: Date, now: Date): void {
    const again = new Date(sentAt.getTime() + this.config.invitations.resendMinutes * A_MINUTE);
    if (again <= now) return;
    throw new RollcallError(
      'invitation.too_soon',
      `It was sent minutes ago: it can be sent again after ${instant(again)}.`,
      {
        again: instant(again),
      },
    );
  }

  private within<T>(caller: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
    return retryOnConflict(() => this.database.asOrganisation(caller.organisationId, work));
  }
}

function notFound(): RollcallError {
  return new RollcallError('invitation.not_found', 'There is no such invitation.');
}

function closed(): RollcallError {
  return new RollcallError('invitation.closed', 'The invitation was accepted or closed before.');
}

function limited(what: string, again: Date): RollcallError {
  return new RollcallError('invitation.limit', `${what}: try again after ${instant(again)}.`, {
    again: instant(again),
  });
}
