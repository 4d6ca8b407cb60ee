import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AuditService } from '../audit/audit.service.js';
import { readCookie, setCookie } from '../auth/cookies.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { digestOf, organisationOf } from '../auth/secret-text.js';
import { SessionLookup } from '../auth/session-lookup.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { Entering, type Shown } from '../sign-in/entering.service.js';
import { GrowingDelay } from '../sign-in/links-delay.js';
import { Starting, type Http } from '../sign-in/starting.service.js';
import { IdentityProviders } from '../sso/identity-providers.service.js';
import { returnPath } from '../sso/return-path.js';
import { InvitationsDoor } from './door.service.js';
import type { AcceptedInvitation, AcceptInvitation, InvitationLook } from './invitation.dto.js';
import { InvitationsRepository } from './invitations.repository.js';
import { InvitationLinksRepository, type LinkedInvitation } from './links.repository.js';
import { InvitationLinks } from './links.service.js';

/** Who is signed in in a browser already. */
type SignedIn = NonNullable<InvitationLook['signedIn']>;

/** What somebody does with the link of an invitation. Whatever is wrong with one, a stranger is told the same. */
@Injectable()
export class InvitationAccepting {
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly rows: InvitationLinksRepository,
    private readonly invitations: InvitationsRepository,
    private readonly links: InvitationLinks,
    private readonly door: InvitationsDoor,
    private readonly organisations: OrganisationsService,
    private readonly providers: IdentityProviders,
    private readonly entering: Entering,
    private readonly starting: Starting,
    private readonly lookup: SessionLookup,
    private readonly sessions: Sessions,
    private readonly delay: GrowingDelay,
    private readonly audit: AuditService,
    @Inject(CONFIG) config: Pick<Config, 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.site = publicSiteOf(config.server);
  }

  /** Consumes nothing (I-04). @throws {RollcallError} `invitation.dead`, `request.throttled` */
  async look(token: string, visitor: Visitor, request: Request): Promise<InvitationLook> {
    const shown = await this.withRow(token, visitor, async (tx, row) => {
      const { requestId, address } = visitor;
      if (await this.rows.opened(tx, row.id, this.clock.now()))
        await this.audit.record(tx, {
          by: { kind: 'stranger' },
          requestId,
          address,
          action: 'invitation.opened',
          subject: { kind: 'invitation', id: row.id },
        });
      const { name: organisation } = await this.organisations.own(tx);
      const { emailCanonical: email, firstName, lastName, inviterName: inviter, message, position, team } = row;
      return {
        ...{ organisation, email, firstName, lastName, inviter, message, position, team, admin: row.isAdmin },
        expiresAt: instant(row.expiresAt ?? this.clock.now()),
        ways: await this.ways(tx, row.personId),
      };
    });
    return { ...shown, signedIn: await this.signedIn(request) };
  }

  /**
   * @throws {RollcallError} `invitation.dead`, `invitation.provider_needed`, `invitation.signed_in_elsewhere`, and what
   *   begins a sign-in at a provider throws
   */
  async accept(order: AcceptInvitation, visitor: Visitor, http: Http): Promise<AcceptedInvitation> {
    const { token, by, providerId, replacing } = order;
    const signedIn = await this.signedIn(http.request);
    const row = await this.withRow(token, visitor, (_, found) => Promise.resolve(found));
    if (signedIn !== null && signedIn.personId !== replacing)
      throw new RollcallError(
        'invitation.signed_in_elsewhere',
        'Somebody is signed in in this browser: say that their session may end, or open the link in another browser.',
        { signedIn },
      );
    if (by === 'link') return this.byLink(token, visitor, http);
    const organisationId = organisationOf(token);
    if (providerId === undefined || organisationId === null)
      throw new RollcallError('request.invalid', 'Say at which identity provider: `providerId`.');
    const { id, version, emailCanonical: loginHint } = row;
    const invitation = { id, version };
    const url = await this.starting.begin({ organisationId, providerId, loginHint, returnTo: '/', invitation }, http);
    return { url };
  }

  /** Dead at once; nobody of the organisation is sent anything. @throws {RollcallError} `invitation.dead` */
  async decline(token: string, visitor: Visitor): Promise<void> {
    const { requestId, address } = visitor;
    const declined = await this.withRow(token, visitor, (tx, row) =>
      this.links.close(tx, { ids: [row.id] }, 'declined', { by: { kind: 'stranger' }, requestId, address }),
    );
    if (declined.length === 0) throw this.dead(visitor);
  }

  private async byLink(token: string, visitor: Visitor, { request, response }: Http): Promise<AcceptedInvitation> {
    const entered = await this.withRow(token, visitor, async (tx, row) => {
      await this.entering.hold(tx);
      await this.rows.lockPerson(tx, row.personId);
      if (await this.entering.needsProvider(tx, row.personId))
        throw new RollcallError(
          'invitation.provider_needed',
          'This organisation lets people in by its own sign-in alone: accept the invitation there.',
        );
      // One transaction: who is not let in has not used the link up.
      if (!(await this.door.accept(tx, row, 'link', visitor))) return null;
      const authenticatedAt = this.clock.now();
      const how: Shown = { strength: 'link', amr: [], acr: null, authenticatedAt, provider: null };
      return this.entering.enter(tx, row.personId, how, visitor);
    });
    if (entered === null) throw this.dead(visitor);
    await this.sessions.endPresented(readCookie(request, 'session', this.site));
    setCookie(response, 'session', entered.cookie, { site: this.site });
    return { returnTo: returnPath(null) };
  }

  /** Within the organisation that the token names, if there is a good invitation behind it. */
  private async withRow<T>(
    token: string,
    visitor: Visitor,
    work: (tx: Tx, row: LinkedInvitation) => Promise<T>,
  ): Promise<T> {
    this.delay.assertMay(visitor.address);
    const organisationId = organisationOf(token);
    if (organisationId === null) throw this.dead(visitor);
    const done = await retryOnConflict(() =>
      this.database.asOrganisation(organisationId, async (tx) => {
        const row = await this.rows.findByDigest(tx, digestOf(token));
        return row !== null && (await this.door.isGood(tx, row)) ? { value: await work(tx, row) } : null;
      }),
    );
    if (done === null) throw this.dead(visitor);
    return done.value;
  }

  private async ways(tx: Tx, personId: string): Promise<InvitationLook['ways']> {
    const link = !(await this.entering.needsProvider(tx, personId));
    const { sso } = await this.organisations.signInSettings(tx);
    const providers = sso ? await this.providers.ofOrganisation(tx) : [];
    return {
      link,
      providers: providers.filter(({ state }) => state === 'active').map(({ id, name }) => ({ id, name })),
    };
  }

  private async signedIn(request: Request): Promise<SignedIn | null> {
    const cookie = readCookie(request, 'session', this.site);
    const found = cookie === null ? null : await this.lookup.find(cookie);
    if (found?.state !== 'live') return null;
    const { organisationId, row } = found.session;
    const { personId } = row;
    if (personId === null) return null;
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const email = await this.invitations.addressOf(tx, personId);
        return email === null ? null : { personId, email, organisation: (await this.organisations.own(tx)).name };
      },
      { readOnly: true },
    );
  }

  private dead(visitor: Visitor): RollcallError {
    this.delay.wrong(visitor.address);
    return new RollcallError(
      'invitation.dead',
      'This invitation does not work: it was used, replaced by a newer one, or is too old. Ask who invited you.',
    );
  }
}
