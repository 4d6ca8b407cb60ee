import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { clearCookie, readCookie } from '../auth/cookies.js';
import { organisationOf } from '../auth/secret-text.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { type PublicSite, publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { addressesOf } from './addresses.js';
import { Attempts, isSameBrowser, type TakenAttempt, toAttempt } from './attempts.service.js';
import { type CallbackQuery, type OAuthError, readCallbackQuery } from './callback-query.js';
import { CodeFlow } from './code-flow.service.js';
import { Discovery } from './discovery.service.js';
import { IdentityProvidersRepository, type OrganisationSwitches } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { Logout } from './logout.service.js';
import type { LoggedOut } from './logout-token.js';
import { OidcGuard } from './oidc.guard.js';
import { presetOf } from './presets.js';
import { RelyingPartyStrategy } from './relying-party.strategy.js';
import { attemptDead, closed, Refusals } from './refusals.service.js';
import { SignInFault } from './sign-in-fault.js';
import type { Attempt, AttemptOrder, BegunAttempt, ProvenIdentity } from './sso.types.js';
import { strangerIn } from './stranger.js';
import { TestSignIns } from './test-sign-ins.service.js';
import { within } from './within.js';
import { WrongAnswers } from './wrong-answers.js';

const LONGEST_HINT = 320;

/** Our side of OpenID Connect: begins a sign-in at a provider, and judges what comes back. Whom that lets in is decided elsewhere. */
@Injectable()
export class RelyingParty {
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly attempts: Attempts,
    private readonly providers: IdentityProvidersRepository,
    private readonly discovery: Discovery,
    private readonly codeFlow: CodeFlow,
    private readonly guard: OidcGuard,
    private readonly refusals: Refusals,
    private readonly tests: TestSignIns,
    private readonly logout: Logout,
    private readonly wrongAnswers: WrongAnswers,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  /**
   * Begins a sign-in: where the browser goes, and the cookie that it must come back with.
   *
   * @throws {RollcallError} `sign_in.refused` when signing in there is switched off, `sign_in.provider_failed`
   */
  async begin(order: AttemptOrder): Promise<BegunAttempt> {
    const provider = await this.openProvider(order);
    const metadata = await this.discovery
      .of(provider)
      .catch((error: unknown) => this.refusals.ofBegin(provider, error));
    const { redirectUri } = addressesOf(this.site, provider);
    const attempt = await this.attempts.begin(order, provider, redirectUri);
    if (attempt === null) throw closed();
    const party = new RelyingPartyStrategy(
      metadata,
      { ...attempt, clientId: provider.clientId, redirectUri, parameters: parametersOf(order, provider) },
      () => Promise.reject(new TypeError('nothing is exchanged before the browser is back')),
    );
    const url = await this.guard.begin(party);
    return { url, cookie: { name: `attempt-${attempt.id}`, value: attempt.browser } };
  }

  /**
   * Judges what a browser came back with. The attempt is taken first and judged then, so that a stolen state is dead after
   * one use, wherever it is used; only a query of no known shape, or a state at another organisation's address, takes none.
   *
   * @param from The organisation and provider whose address was called.
   * @throws {RollcallError} `sign_in.attempt_dead`, `sign_in.refused`, `sign_in.provider_refused`,
   *   `sign_in.answer_refused`, `sign_in.provider_failed`; `request.throttled`, and then nothing was taken
   */
  async complete(
    request: Request,
    from: { organisationId: string; providerId: string },
  ): Promise<{ attempt: Attempt; identity: ProvenIdentity }> {
    const by = strangerIn(request, this.config);
    const { address = 'unknown' } = by;
    await this.wrongAnswers.assertMay(address, from.providerId);
    const query = readCallbackQuery(searchOf(request));
    if (query === null || organisationOf(query.state) !== from.organisationId) throw attemptDead();
    const taken = await this.attempts.take(from.organisationId, query.state);
    if (taken === null) throw attemptDead();
    const attempt = toAttempt(taken);
    try {
      this.judgePlace(request, taken, from);
      const identity = await within(this.config.identityProviders.wholeTimeoutMs, this.prove(taken, query));
      await this.tests.passed(attempt, taken.provider, identity, by);
      return { attempt, identity };
    } catch (error) {
      if (error instanceof SignInFault) await this.wrongAnswers.count(address, from.providerId, error);
      return this.refusals.ofAttempt(attempt, taken.provider, error, request);
    }
  }

  /** Where a browser ends its session at the provider too; null where there is no such place. */
  logoutUrl(tx: Tx, session: { providerId: string; idToken: string | null }): Promise<string | null> {
    return this.logout.url(tx, session);
  }

  /** Whom a provider has signed out. @throws {RollcallError} `sign_in.logout_token_invalid` */
  logoutToken(organisationId: string, providerId: string, token: string): Promise<LoggedOut> {
    return this.logout.token(organisationId, providerId, token);
  }

  /** In the transaction that ends their sessions. @throws {RollcallError} `sign_in.logout_token_invalid` for a second time. */
  useLogoutToken(tx: Tx, providerId: string, loggedOut: LoggedOut): Promise<void> {
    return this.logout.useUp(tx, providerId, loggedOut);
  }

  /** Who came back, and where to. @throws {SignInFault} */
  private judgePlace(
    request: Request,
    { row, provider, organisation }: TakenAttempt,
    from: { providerId: string },
  ): void {
    if (provider.id !== from.providerId) throw new SignInFault('other_provider', 'The address is another provider’s.');
    const cookie = `attempt-${row.id}` as const;
    const same = isSameBrowser(row, readCookie(request, cookie, this.site));
    if (request.res) clearCookie(request.res, cookie, this.site);
    if (!same) throw new SignInFault('other_browser', 'Another browser came back than was sent.');
    if (!isOpen(provider, organisation, row.purpose))
      throw new SignInFault('closed', 'Signing in here is switched off.');
    const { redirectUri } = addressesOf(this.site, provider);
    if (row.issuer !== provider.issuer || row.clientId !== provider.clientId || row.redirectUri !== redirectUri)
      throw new SignInFault('other_provider', 'The provider was changed meanwhile.');
  }

  private async prove(taken: TakenAttempt, query: CallbackQuery): Promise<ProvenIdentity> {
    const { provider, row } = taken;
    const metadata = await this.discovery.of(provider);
    // RFC 9207, for errors too (O-06): by string, and never missing where it was announced.
    if (query.issuer === null ? metadata.namesIssuer : query.issuer !== row.issuer)
      throw new SignInFault('answer_issuer', 'The answer is of another issuer, or does not say of which.');
    if (query.kind === 'error') throw refusedBy(query.error);
    const { verifier, secret } = await this.attempts.open(taken);
    const { state, code } = query;
    const { nonce, clientId, redirectUri } = row;
    const strategyAttempt = { state, nonce, challenge: '', clientId, redirectUri, parameters: {} };
    const party = new RelyingPartyStrategy(metadata, strategyAttempt, (given) =>
      this.codeFlow.exchange({ provider, metadata, attempt: row, code: given, verifier, secret }),
    );
    return this.guard.complete(party, { code, state });
  }

  private async openProvider(order: AttemptOrder): Promise<IdentityProvider> {
    const { provider, organisation } = await this.database.asOrganisation(
      order.organisationId,
      async (tx) => ({
        provider: await this.providers.find(tx, order.providerId),
        organisation: await this.providers.organisation(tx),
      }),
      { readOnly: true },
    );
    if (provider === null || !isOpen(provider, organisation, order.purpose)) throw closed();
    return provider;
  }
}

/** O-47. A test is how a provider comes to be enabled. */
function isOpen(
  provider: IdentityProvider,
  organisation: OrganisationSwitches | null,
  purpose: Attempt['purpose'],
): boolean {
  if (organisation === null || !organisation.sso || organisation.deleting) return false;
  return purpose === 'test' ? provider.state !== 'disabled' : provider.state === 'active';
}

/** What goes along with the browser. Nothing here proves anything: all of it is judged in the answer. */
function parametersOf(order: AttemptOrder, provider: IdentityProvider): Record<string, string | number> {
  const { acrValues, hostedDomains } = provider.settings;
  const hint = order.loginHint !== null && order.loginHint.length <= LONGEST_HINT ? order.loginHint : null;
  return {
    ...presetOf(provider).authorizationParams({ hostedDomains }),
    ...(hint === null ? {} : { login_hint: hint }),
    ...(order.maxAge === null ? {} : { max_age: order.maxAge }),
    ...(order.maxAge === 0 ? { prompt: 'login' } : {}),
    ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
  };
}

/** In its closed code alone; what the provider said in words was never read (O-14). */
function refusedBy(error: OAuthError): SignInFault {
  return new SignInFault('error_answer', `The provider refused: ${error}.`, undefined, { error });
}

function searchOf(request: Request): string {
  const at = request.originalUrl.indexOf('?');
  return at === -1 ? '' : request.originalUrl.slice(at);
}
