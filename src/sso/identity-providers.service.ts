import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditAction, AuditContext } from '../audit/audit.types.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { type PublicSite, publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { Attempts } from './attempts.service.js';
import { ClientSecrets, type ClientSecret, makeClientKey, publicHalf } from './client-secrets.service.js';
import type {
  CreateIdentityProvider,
  IdentityProvidersList,
  IdentityProviderView,
  JwksView,
  PresetsView,
  ProviderStepsView,
  SetClientSecret,
  UpdateIdentityProvider,
} from './identity-providers.dto.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { presetsView, stepsOf, toView } from './identity-providers.view.js';
import { ProviderChecks } from './provider-checks.service.js';
import type { ProviderMetadata } from './provider-metadata.js';
import { canonicalDomains, changeSettings, judgesDifferently } from './provider-settings.js';

/** An organisation has a handful; lists are short and not paged. */
const MOST_PROVIDERS = 20;

/** The identity providers of an organisation: their settings and secrets, and whether people may sign in by them. */
@Injectable()
export class IdentityProviders {
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly providers: IdentityProvidersRepository,
    private readonly secrets: ClientSecrets,
    private readonly attempts: Attempts,
    private readonly checks: ProviderChecks,
    private readonly organisations: OrganisationsService,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  /** For the other parts of the house. @throws {RollcallError} `identity_provider.not_found` */
  async get(tx: Tx, id: string): Promise<IdentityProvider> {
    return found(await this.providers.find(tx, id));
  }

  ofOrganisation(tx: Tx): Promise<IdentityProvider[]> {
    return this.providers.list(tx);
  }

  /** What the issuer says of itself is read now: a provider that cannot work is not saved (O-60). */
  async create(caller: Caller, order: CreateIdentityProvider): Promise<IdentityProviderView> {
    const { organisationId } = caller;
    const { preset, issuer } = this.checks.issuerOf(order.preset, order.issuer);
    await this.read(organisationId, (tx) => this.organisations.requireFeature(tx, 'sso'));
    const metadata = await this.checks.discover(issuer);
    const defaults = this.checks.defaultsFor(preset, metadata);
    const row = {
      id: order.id ?? newId(),
      preset: preset.preset,
      name: order.name,
      issuer,
      clientId: order.clientId,
      settings: changeSettings(preset, defaults, order.settings),
      connectionId: order.connectionId ?? null,
      domains: canonicalDomains(order.domains ?? []),
      discovery: metadata,
      createdAt: this.clock.now(),
    };
    this.checks.assertAlgorithms(row.settings, metadata);
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.organisations.requireFeature(tx, 'sso');
      if ((await this.providers.list(tx)).length >= MOST_PROVIDERS)
        throw new RollcallError(
          'identity_provider.too_many',
          `An organisation has at most ${MOST_PROVIDERS} identity providers.`,
        );
      await this.checks.assertTie(tx, preset, row);
      if (!(await this.providers.insert(tx, row)))
        throw new RollcallError('identity_provider.changed', 'There is one of this id already; read it.');
      if (caller.setUp !== null) await this.sessions.own(tx, caller.credentialId, row.id);
      await this.record(tx, contextOf(caller), 'identity_provider.created', row.id);
      if (order.clientSecret !== undefined)
        await this.keepSecret(tx, caller, row.id, { kind: 'secret', value: order.clientSecret });
      return this.view(tx, row.id);
    });
  }

  /** What can be made, with an id for the next one: its addresses are wanted in a console before there is anything here. */
  presets(organisationId: string, id: string = newId()): PresetsView {
    return presetsView(organisationId, id, this.site);
  }

  /** Whoever came by a set-up link sees what was made with it. */
  list({ organisationId, setUp }: Caller): Promise<IdentityProvidersList> {
    return this.read(organisationId, async (tx) => {
      const all = await this.providers.list(tx);
      const shown = setUp === null ? all : all.filter(({ id }) => setUp.objects.includes(id));
      return { items: shown.map((provider) => toView(provider, this.site)) };
    });
  }

  show(organisationId: string, id: string): Promise<IdentityProviderView> {
    return this.read(organisationId, (tx) => this.view(tx, id));
  }

  steps(organisationId: string, id: string): Promise<ProviderStepsView> {
    return this.read(organisationId, async (tx) => stepsOf(await this.get(tx, id), this.site));
  }

  /**
   * Another issuer, client or host of the token endpoint is another party: the secret is asked for again (K-04), a test has
   * to pass again, and with another issuer nobody's subject means the same person any more.
   */
  async update(caller: Caller, id: string, change: UpdateIdentityProvider): Promise<IdentityProviderView> {
    const { organisationId } = caller;
    const seen = await this.read(organisationId, (tx) => this.get(tx, id));
    if (seen.version !== change.version) throw changedMeanwhile();
    const { preset, issuer } = this.checks.issuerOf(seen.preset, change.issuer ?? seen.issuer);
    const moves = issuer !== seen.issuer || change.settings !== undefined || seen.discovery === null;
    const metadata = moves
      ? await this.checks.discover(issuer)
      : (seen.discovery ?? (await this.checks.discover(issuer)));
    const settings = changeSettings(preset, seen.settings, change.settings);
    this.checks.assertAlgorithms(settings, metadata);
    const after = {
      name: change.name ?? seen.name,
      issuer,
      clientId: change.clientId ?? seen.clientId,
      settings,
      connectionId: change.connectionId === undefined ? seen.connectionId : change.connectionId,
      domains: change.domains === undefined ? seen.domains : canonicalDomains(change.domains),
      discovery: metadata,
    };
    const otherParty = this.checks.isOtherParty(seen, after);
    if (otherParty && seen.secretAt !== null && change.clientSecret === undefined)
      throw new RollcallError(
        'identity_provider.secret_needed',
        'Give the client secret again: it was given for another issuer, client or token endpoint.',
      );
    const judgesAnew = otherParty || judgesDifferently(seen.settings, settings);
    const untested = otherParty || (judgesAnew && seen.state !== 'active');
    return this.database.asOrganisation(organisationId, async (tx) => {
      const before = found(await this.providers.lock(tx, id));
      if (before.version !== change.version) throw changedMeanwhile();
      await this.checks.assertTie(tx, preset, after);
      await this.providers.update(tx, id, { ...after, untested }, this.clock.now());
      if (judgesAnew) await this.providers.clearProblem(tx, id, this.clock.now());
      if (judgesAnew) await this.attempts.endOf(tx, id);
      if (otherParty) await this.sessions.end(tx, { identityProviderId: id }, 'provider_disabled');
      if (issuer !== before.issuer) await this.providers.unlinkAll(tx, id);
      await this.record(tx, contextOf(caller), 'identity_provider.updated', id, fieldsOf(before, after));
      if (change.clientSecret !== undefined)
        await this.keepSecret(tx, caller, id, { kind: 'secret', value: change.clientSecret });
      return this.view(tx, id);
    });
  }

  /** For the issuer as it is now: where its token endpoint is, is read again. */
  async setSecret(caller: Caller, id: string, order: SetClientSecret): Promise<IdentityProviderView> {
    const { organisationId } = caller;
    const seen = await this.read(organisationId, (tx) => this.get(tx, id));
    const metadata = await this.checks.discover(seen.issuer);
    const secret: ClientSecret =
      order.clientSecret === undefined ? await makeClientKey() : { kind: 'secret', value: order.clientSecret };
    return this.database.asOrganisation(organisationId, async (tx) => {
      const before = found(await this.providers.lock(tx, id));
      if (before.version !== seen.version) throw changedMeanwhile();
      const clientAuth = this.checks.clientAuthFor(before, secret.kind);
      const untested = before.state !== 'active';
      const after = { ...before, settings: { ...before.settings, clientAuth }, discovery: metadata, untested };
      await this.providers.update(tx, id, after, this.clock.now());
      await this.providers.clearProblem(tx, id, this.clock.now());
      await this.attempts.endOf(tx, id);
      await this.keepSecret(tx, caller, id, secret);
      return this.view(tx, id);
    });
  }

  /** What the issuer of a provider says of itself, read now. */
  async discover(organisationId: string, id: string): Promise<ProviderMetadata> {
    const { issuer } = await this.read(organisationId, (tx) => this.get(tx, id));
    return this.checks.discover(issuer);
  }

  /** Public keys of ours, for a provider that wants to know us by them; none where there is no such key. */
  keys(organisationId: string, id: string): Promise<JwksView> {
    return this.read(organisationId, async (tx) => {
      const provider = await this.providers.find(tx, id);
      const secret = provider === null ? null : await this.secrets.open(tx, provider);
      return { keys: secret?.kind === 'key' ? [publicHalf(secret.privateJwk)] : [] };
    });
  }

  enable(caller: Caller, id: string): Promise<IdentityProviderView> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.organisations.requireFeature(tx, 'sso');
      const provider = found(await this.providers.lock(tx, id));
      if (provider.state === 'active') return this.view(tx, id);
      if (provider.testedAt === null || provider.discovery === null)
        throw new RollcallError(
          'identity_provider.untested',
          'Test the sign-in first: it has not passed with the present settings.',
        );
      await this.providers.setState(tx, id, 'active', this.clock.now());
      await this.record(tx, contextOf(caller), 'identity_provider.enabled', id);
      return this.view(tx, id);
    });
  }

  /** At once (O-47): sign-ins under way come to nothing, and who came in by it is signed out. */
  disable(caller: Caller, id: string): Promise<IdentityProviderView> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const provider = found(await this.providers.lock(tx, id));
      if (provider.state === 'disabled') return this.view(tx, id);
      await this.providers.setState(tx, id, 'disabled', this.clock.now());
      await this.stop(tx, id);
      await this.record(tx, contextOf(caller), 'identity_provider.disabled', id);
      return this.view(tx, id);
    });
  }

  delete(caller: Caller, id: string): Promise<void> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      found(await this.providers.lock(tx, id));
      await this.stop(tx, id);
      await this.providers.delete(tx, id);
      await this.record(tx, contextOf(caller), 'identity_provider.deleted', id);
    });
  }

  private async stop(tx: Tx, id: string): Promise<void> {
    await this.attempts.endOf(tx, id);
    await this.sessions.end(tx, { identityProviderId: id }, 'provider_disabled');
    await this.providers.clearProblem(tx, id, this.clock.now());
  }

  private async keepSecret(tx: Tx, caller: Caller, id: string, secret: ClientSecret): Promise<void> {
    await this.secrets.store(tx, { organisationId: caller.organisationId, id }, secret, this.clock.now());
    await this.record(tx, contextOf(caller), 'identity_provider.secret_set', id);
  }

  private async view(tx: Tx, id: string): Promise<IdentityProviderView> {
    return toView(await this.get(tx, id), this.site);
  }

  private read<T>(organisationId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.asOrganisation(organisationId, work, { readOnly: true });
  }

  private record(tx: Tx, by: AuditContext, action: AuditAction, id: string, fields?: readonly string[]): Promise<void> {
    const subject = { kind: 'identity_provider', id };
    return this.audit.record(tx, { ...by, action, subject, ...(fields === undefined ? {} : { fields }) });
  }
}

function fieldsOf(before: IdentityProvider, after: Partial<IdentityProvider>): string[] {
  const named = ['name', 'issuer', 'clientId', 'settings', 'connectionId', 'domains'] as const;
  return named.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

function found(provider: IdentityProvider | null): IdentityProvider {
  if (provider) return provider;
  throw new RollcallError('identity_provider.not_found', 'There is no such identity provider.');
}

function changedMeanwhile(): RollcallError {
  return new RollcallError(
    'identity_provider.changed',
    'Somebody changed this identity provider meanwhile; read it again.',
  );
}
