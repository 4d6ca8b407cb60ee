import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Caller } from '../auth/auth.types.js';
import { makeSecret } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Id, instant } from '../common/fields.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { ReferenceService } from '../frameworks/reference.service.js';
import { MailPreview } from '../mail/mail-preview.service.js';
import { MailSettings } from '../mail/mail-settings.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type {
  InvitationPreviewView,
  InvitationsPage,
  InvitationsQuery,
  InvitationView,
  PreviewInvitation,
} from './invitations.dto.js';
import { InvitationsRepository } from './invitations.repository.js';
import { toInvitationView } from './invitations.view.js';
import { InvitationLinks } from './links.service.js';

const AN_HOUR = 3_600_000;

/** Shows invitations, and how their mail looks. */
@Injectable()
export class InvitationsReading {
  constructor(
    private readonly database: Database,
    private readonly invitations: InvitationsRepository,
    private readonly links: InvitationLinks,
    private readonly reference: ReferenceService,
    private readonly organisations: OrganisationsService,
    private readonly settings: MailSettings,
    private readonly mails: MailPreview,
    @Inject(CONFIG) private readonly config: Pick<Config, 'invitations'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(organisationId: string, query: InvitationsQuery): Promise<InvitationsPage> {
    const { limit, cursor, state = null, personId = null, importId = null } = query;
    const after = decodeCursor(cursor, z.tuple([z.iso.datetime({ precision: 3 }), Id]));
    const from = after === null ? null : ([new Date(after[0]), after[1]] as const);
    const now = this.clock.now();
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.invitations.page(tx, now, { state, personId, importId }, from, limit + 1),
      { readOnly: true },
    );
    return toPage(rows, limit, toInvitationView, (row) => [instant(row.createdAt), row.id]);
  }

  /** @throws {RollcallError} `invitation.not_found` */
  async show(organisationId: string, id: string): Promise<InvitationView> {
    const now = this.clock.now();
    const row = await this.database.asOrganisation(organisationId, (tx) => this.invitations.find(tx, id, now), {
      readOnly: true,
    });
    if (row === null) throw new RollcallError('invitation.not_found', 'There is no such invitation.');
    return toInvitationView(row);
  }

  /** The mail as it would be; its link is well-formed and leads nowhere. @throws {RollcallError} `person.team_unknown` */
  preview(caller: Caller, order: PreviewInvitation): Promise<InvitationPreviewView> {
    const { organisationId, personId } = caller;
    const link = this.links.urlOf(makeSecret(organisationId, randomBytes).text);
    const until = new Date(this.clock.now().getTime() + this.config.invitations.ttlHours * AN_HOUR);
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const name = personId === null ? null : await this.invitations.nameOf(tx, personId);
        return this.mails.compose(tx, {
          template: 'invitation',
          values: {
            language: order.language ?? (await this.settings.language(tx)),
            inviter: name ?? (await this.organisations.own(tx)).name,
            message: order.message === '' ? null : (order.message ?? null),
            ...(await this.places(tx, order)),
            link,
            until: until.toISOString(),
          },
        });
      },
      { readOnly: true },
    );
  }

  private async places(
    tx: Tx,
    { teamId = null, positionId = null }: PreviewInvitation,
  ): Promise<{ team: string | null; position: string | null }> {
    const team = teamId === null ? null : (await this.reference.reference(tx)).teamsById.get(teamId)?.name;
    const position = positionId === null ? null : await this.invitations.positionName(tx, positionId);
    if (team === undefined || (positionId !== null && position === null))
      throw new RollcallError('person.team_unknown', 'There is no such team or position.');
    return { team, position };
  }
}
