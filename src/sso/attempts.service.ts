import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { digestOf, makeSecret } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import type { SealedPlace } from '../common/envelope.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { type AttemptRow, AttemptsRepository } from './attempts.repository.js';
import { ClientSecrets, type ClientSecret } from './client-secrets.service.js';
import { IdentityProvidersRepository, type OrganisationSwitches } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { returnPath } from './return-path.js';
import type { Attempt, AttemptOrder } from './sso.types.js';

const A_MINUTE = 60_000;
const SECRET_BYTES = 32;

/** What goes out with the browser, and is kept nowhere in this form. */
export interface NewAttempt {
  id: string;
  state: string;
  browser: string;
  nonce: string;
  challenge: string;
}

/** An attempt that was taken, with what is needed to judge it. */
export interface TakenAttempt {
  row: AttemptRow;
  provider: IdentityProvider;
  organisation: OrganisationSwitches | null;
}

/** Sign-ins under way: one row each, good once and for minutes (O-01, O-02). */
@Injectable()
export class Attempts {
  constructor(
    private readonly database: Database,
    private readonly attempts: AttemptsRepository,
    private readonly providers: IdentityProvidersRepository,
    private readonly clientSecrets: ClientSecrets,
    private readonly secrets: Secrets,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Null when the provider has been deleted by now. */
  async begin(order: AttemptOrder, provider: IdentityProvider, redirectUri: string): Promise<NewAttempt | null> {
    const id = newId();
    const random = () => randomBytes(SECRET_BYTES).toString('base64url');
    const [nonce, verifier, browser] = [random(), random(), random()];
    const state = makeSecret(order.organisationId, randomBytes);
    const createdAt = this.clock.now();
    const begun = await this.database.asOrganisation(order.organisationId, async (tx) => {
      const sealed = await this.secrets.seal(tx, placeOf(order.organisationId, id), verifier);
      return this.attempts.insert(tx, {
        id,
        identityProviderId: provider.id,
        purpose: order.purpose,
        stateDigest: state.digest,
        browserDigest: digestOf(browser),
        nonce,
        verifier: sealed,
        issuer: provider.issuer,
        clientId: provider.clientId,
        redirectUri,
        returnTo: returnPath(order.returnTo),
        maxAge: order.maxAge,
        sessionId: order.sessionId,
        invitationId: order.invitation?.id ?? null,
        invitationVersion: order.invitation?.version ?? null,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + this.config.signIn.attemptMinutes * A_MINUTE),
      });
    });
    if (!begun) return null;
    const challenge = createHash('sha256').update(verifier, 'ascii').digest('base64url');
    return { id, state: state.text, browser, nonce, challenge };
  }

  /** Takes the attempt of a state, once. Null: unknown, used or too old; nobody is told which. */
  take(organisationId: string, state: string): Promise<TakenAttempt | null> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const row = await this.attempts.take(tx, digestOf(state), this.clock.now());
      const provider = row === null ? null : await this.providers.find(tx, row.identityProviderId);
      if (row === null || provider === null) return null;
      return { row, provider, organisation: await this.providers.organisation(tx) };
    });
  }

  /** What one exchange needs, opened for it alone. */
  open({ row, provider }: TakenAttempt): Promise<{ verifier: string; secret: ClientSecret | null }> {
    const { organisationId } = provider;
    return this.database.asOrganisation(
      organisationId,
      async (tx) => ({
        verifier: await this.secrets.open(tx, placeOf(organisationId, row.id), row.verifier),
        secret: await this.clientSecrets.open(tx, provider),
      }),
      { readOnly: true },
    );
  }

  /** Those under way at a provider come to nothing: it was changed, disabled, or is going (O-47). */
  async endOf(tx: Tx, providerId: string): Promise<void> {
    await this.attempts.endOf(tx, providerId, this.clock.now());
  }
}

/** Whether this browser is the one that began (O-09). */
export function isSameBrowser(row: AttemptRow, browser: string | null): boolean {
  return browser !== null && timingSafeEqual(digestOf(browser), row.browserDigest);
}

export function toAttempt({ row, provider }: TakenAttempt): Attempt {
  const { id, purpose, returnTo, sessionId, maxAge, invitationId, invitationVersion, createdAt } = row;
  return {
    id,
    organisationId: provider.organisationId,
    providerId: provider.id,
    purpose,
    returnTo,
    sessionId,
    maxAge,
    // No link is of version 0: an attempt of which the version is not known finishes nothing.
    invitation: invitationId === null ? null : { id: invitationId, version: invitationVersion ?? 0 },
    createdAt,
  };
}

function placeOf(organisationId: string, id: string): SealedPlace {
  return { table: 'sign_in_attempt', column: 'verifier', rowId: id, organisationId };
}
