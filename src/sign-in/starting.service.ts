import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import { DomainRoutes } from '../organisations/domain-routes.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type { OrganisationListed } from '../organisations/organisations.types.js';
import { ReadingAtSignIn } from '../runs/at-sign-in.service.js';
import { setAttemptCookie } from '../sso/attempt-cookie.js';
import { IdentityProviders } from '../sso/identity-providers.service.js';
import type { IdentityProvider } from '../sso/identity-providers.types.js';
import { RelyingParty } from '../sso/relying-party.service.js';
import { returnPath } from '../sso/return-path.js';
import type { AttemptOrder } from '../sso/sso.types.js';
import { Links } from './links.service.js';
import { refused } from './refusals.js';
import type { InitiateQuery, Place, SignInNext, SignInStart, StartAtProvider } from './sign-in.dto.js';

export interface Http {
  request: Request;
  response: Response;
}

/** Where a sign-in begins: by an address, at an organisation's own page, or from a provider's. */
@Injectable()
export class Starting {
  constructor(
    private readonly database: Database,
    private readonly routes: DomainRoutes,
    private readonly organisations: OrganisationsService,
    private readonly providers: IdentityProviders,
    private readonly party: RelyingParty,
    private readonly reading: ReadingAtSignIn,
    private readonly links: Links,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Home-realm discovery by the domain alone: whether anybody has the address is not looked at (I-16). */
  async byAddress({ email, returnTo, slug }: SignInStart, address: string, http: Http): Promise<SignInNext> {
    const route = await this.routeOf(email, slug);
    if (route === null) {
      await this.links.askFrom(http, { email, returnTo: returnTo ?? null, address });
      return { next: 'link_sent' };
    }
    const { organisationId, identityProviderId: providerId } = route;
    const url = await this.begin({ organisationId, providerId, returnTo, loginHint: email.trim() }, http);
    return { next: 'provider', url };
  }

  /** The page of an organisation; of one that has nothing to show, as of one that there is not. */
  async place(slug: string): Promise<Place> {
    const organisation = await this.bySlug(slug);
    const providers = organisation === null ? [] : await this.openProviders(organisation.id);
    const name = providers.length === 0 ? null : (organisation?.name ?? null);
    return { name, providers: providers.map((provider) => ({ id: provider.id, name: provider.name })) };
  }

  /** @throws {RollcallError} `sign_in.refused` where there is no such provider, or it is switched off. */
  async atProvider({ slug, providerId, returnTo }: StartAtProvider, http: Http): Promise<{ url: string }> {
    const organisation = await this.bySlug(slug);
    if (organisation === null) throw refused('closed');
    return { url: await this.begin({ organisationId: organisation.id, providerId, returnTo, loginHint: null }, http) };
  }

  /** O-20: somebody comes from a page of their provider. Nothing that they bring is believed: a sign-in begins, as ever. */
  async fromProvider(organisationId: string, providerId: string, query: InitiateQuery, http: Http): Promise<string> {
    const open = await this.openProviders(organisationId);
    const provider = open.find(({ id, issuer }) => id === providerId && issuer === query.iss);
    if (provider === undefined) {
      throw new RollcallError('request.invalid', 'Nobody signs in from there. Begin at the page for signing in.');
    }
    const returnTo = this.pathOf(query.target_link_uri);
    return this.begin({ organisationId, providerId, returnTo, loginHint: query.login_hint ?? null }, http);
  }

  /** Begins a sign-in and hands the browser its cookie. @returns Where the browser goes. */
  async begin(
    order: Pick<AttemptOrder, 'organisationId' | 'providerId' | 'loginHint'> &
      Partial<Pick<AttemptOrder, 'purpose' | 'sessionId' | 'maxAge' | 'invitation'>> & {
        returnTo?: string | undefined;
      },
    { request, response }: Http,
  ): Promise<string> {
    const { returnTo, ...rest } = order;
    const whole = {
      purpose: 'sign_in',
      sessionId: null,
      maxAge: null,
      ...rest,
      returnTo: returnPath(returnTo),
    } as const;
    const { url, cookie } = await this.party.begin(whole);
    setAttemptCookie(request, response, cookie, this.config);
    await this.prepareDirectory(order);
    return url;
  }

  private async prepareDirectory({
    organisationId,
    providerId,
  }: {
    organisationId: string;
    providerId: string;
  }): Promise<void> {
    const { connectionId } = await this.database.asOrganisation(
      organisationId,
      (tx) => this.providers.get(tx, providerId),
      { readOnly: true },
    );
    if (connectionId !== null) this.reading.prepare(organisationId, connectionId);
  }

  private async routeOf(email: string, slug: string | undefined) {
    const canonical = canonicalEmail(email);
    if (canonical === null) return null;
    const route = await this.routes.ofDomain(canonical.slice(canonical.lastIndexOf('@') + 1));
    if (route === null || slug === undefined) return route;
    // At an organisation's own page nobody is sent to another one's provider.
    const organisation = await this.bySlug(slug);
    return organisation?.id === route.organisationId ? route : null;
  }

  /** At which of its providers people of an organisation sign in now. */
  openProviders(organisationId: string): Promise<IdentityProvider[]> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const all = await this.providers.ofOrganisation(tx);
        const open = all.filter(({ state }) => state === 'active');
        if (open.length === 0) return [];
        const { sso, deleting } = await this.organisations.signInSettings(tx);
        return sso && !deleting ? open : [];
      },
      { readOnly: true },
    );
  }

  private async bySlug(slug: string): Promise<OrganisationListed | null> {
    try {
      return await this.organisations.bySlug(slug);
    } catch (error) {
      if (error instanceof RollcallError && error.code === 'organisation.not_found') return null;
      throw error;
    }
  }

  /** An address of our own, as a path; anything else leads home (O-12). */
  private pathOf(target: string | undefined): string | undefined {
    const { origin } = publicSiteOf(this.config.server);
    return target?.startsWith(`${origin}/`) === true ? target.slice(origin.length) : target;
  }
}
