import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/auth.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { IdentityProviders } from '../sso/identity-providers.service.js';
import { NO_STEP_UP } from '../sso/sso.types.js';
import { IdentitiesRepository } from './identities.repository.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { Starting, type Http } from './starting.service.js';

/** How somebody can show who they are where their provider cannot step up: the better one first. */
type Way = 'passkey' | 'link' | 'sign_in';

const HOW: Record<Way, string> = {
  passkey: 'Use your passkey.',
  link: 'Sign out, and sign in by a link that is mailed to you.',
  sign_in: 'Sign out and in again, and go on at once.',
};

/** Showing again, at an identity provider, who one is (O-73). */
@Injectable()
export class SteppingUp {
  constructor(
    private readonly database: Database,
    private readonly identities: IdentitiesRepository,
    private readonly passkeys: PasskeysRepository,
    private readonly providers: IdentityProviders,
    private readonly starting: Starting,
    private readonly sessions: Sessions,
  ) {}

  /**
   * At a provider where one has an account, the one of the session before others; never at one of which it is known that it
   * does not tell when somebody signed in, for what comes back from there counts for nothing.
   *
   * @returns Where the browser goes.
   * @throws {RollcallError} `identity_provider.not_found`, `session.provider_cannot_step_up` with the other ways
   */
  async atProvider(caller: Caller, returnTo: string | undefined, http: Http): Promise<string> {
    const { organisationId, credentialId: sessionId } = caller;
    const providerId = await this.database.asOrganisation(organisationId, (tx) => this.providerFor(tx, caller), {
      readOnly: true,
    });
    const order = { organisationId, providerId, returnTo, loginHint: null, sessionId } as const;
    return this.starting.begin({ ...order, purpose: 'step_up', maxAge: 0 }, http);
  }

  private async providerFor(tx: Tx, caller: Caller): Promise<string> {
    const personId = selfOf(caller);
    const tied = new Set((await this.identities.ofPerson(tx, personId)).map((one) => one.providerId));
    const own = (await this.sessions.providerOf(tx, caller.credentialId))?.providerId;
    const known = (await this.providers.ofOrganisation(tx)).filter(
      ({ id, state }) => id === own || (state === 'active' && tied.has(id)),
    );
    if (known.length === 0)
      throw new RollcallError('identity_provider.not_found', 'You have no account at an identity provider here.');
    const able = known.filter(({ stepsUp }) => stepsUp !== false);
    const chosen = able.find(({ id }) => id === own) ?? able[0];
    if (chosen !== undefined) return chosen.id;
    const ways = await this.otherWays(tx, personId);
    throw new RollcallError('session.provider_cannot_step_up', `${NO_STEP_UP} ${HOW[ways[0] ?? 'sign_in']}`, { ways });
  }

  private async otherWays(tx: Tx, personId: string): Promise<Way[]> {
    const owner = await this.passkeys.owner(tx, personId);
    const beside = owner !== null && !owner.ssoOnly;
    return [
      ...(beside && owner.passkeys > 0 ? (['passkey'] as const) : []),
      ...(beside && !owner.needsStrong ? (['link'] as const) : []),
      'sign_in',
    ];
  }
}

function selfOf(caller: Caller): string {
  if (caller.personId === null) throw new TypeError('only somebody who is signed in has an own self');
  return caller.personId;
}
