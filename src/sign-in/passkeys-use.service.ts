import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { clearCookie, readCookie, setCookie } from '../auth/cookies.js';
import { Sessions } from '../auth/sessions.service.js';
import type { NewSession } from '../auth/sessions.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { returnPath } from '../sso/return-path.js';
import { Entering } from './entering.service.js';
import { browserSecret, knownBrowser } from './links-browser.js';
import { GrowingDelay } from './links-delay.js';
import { PasskeyChallenges } from './passkeys-challenges.js';
import { challengeOf, checkUse, isFault, requestOptions, type PasskeyFault } from './passkeys-check.js';
import { readUserHandle } from './passkeys-handle.js';
import type { PasskeyRequest, PasskeyUsed } from './passkeys.dto.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { refused as refusedBecause } from './refusals.js';

/** As long as a challenge is good. */
const COOKIE_SECONDS = 300;
/** RFC 8176: possession of a key, and a person who was there. */
const AMR = ['pop', 'user'];

interface Http {
  request: Request;
  response: Response;
}

/** Signing in, and showing again who one is, by passkey. */
@Injectable()
export class PasskeyUse {
  private readonly log = new Logger('passkeys');
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly passkeys: PasskeysRepository,
    private readonly challenges: PasskeyChallenges,
    private readonly sessions: Sessions,
    private readonly entering: Entering,
    private readonly delay: GrowingDelay,
    private readonly audit: AuditService,
    @Inject(CONFIG) config: Pick<Config, 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.site = publicSiteOf(config.server);
  }

  /** The same for everybody: whose passkey it is shows when it is used. */
  async request(http: Http): Promise<PasskeyRequest> {
    const browser = browserSecret(http, 'passkey', { site: this.site, seconds: COOKIE_SECONDS });
    return requestOptions(this.site, await this.challenges.make('sign_in', { browser }), []);
  }

  /** @throws {RollcallError} `passkey.refused`, `sign_in.refused`, `request.throttled` */
  async signIn(
    response: PasskeyUsed,
    returnTo: string | null,
    visitor: Visitor,
    http: Http,
  ): Promise<{ returnTo: string }> {
    this.delay.assertMay(visitor.address);
    const challenge = challengeOf(response.response.clientDataJSON);
    const browser = knownBrowser(http.request, 'passkey', this.site);
    const owner = readUserHandle(response.response.userHandle);
    if (challenge === null || browser === null || owner === null) throw this.wrong(visitor);
    if (!(await this.challenges.take('sign_in', { browser }, challenge))) throw this.wrong(visitor);
    const entered = await this.database.asOrganisation(owner.organisationId, async (tx) => {
      const fault = await this.used(tx, owner.personId, response, challenge);
      if (fault !== null) return this.note(tx, owner.personId, fault, { by: { kind: 'stranger' }, ...visitor });
      const how = {
        strength: 'passkey',
        amr: AMR,
        acr: null,
        authenticatedAt: this.clock.now(),
        provider: null,
      } as const;
      return this.entering.enter(tx, owner.personId, how, visitor);
    });
    if (entered === null) throw this.wrong(visitor);
    await this.sessions.endPresented(readCookie(http.request, 'session', this.site));
    clearCookie(http.response, 'passkey', this.site);
    this.setSession(http, entered);
    return { returnTo: returnPath(returnTo) };
  }

  /** For the step-up of a session by a passkey of its own person. */
  async stepUpRequest(caller: Caller): Promise<PasskeyRequest> {
    const { organisationId, personId } = selfOf(caller);
    const known = await this.database.asOrganisation(organisationId, (tx) => this.passkeys.list(tx, personId), {
      readOnly: true,
    });
    if (known.length === 0) throw new RollcallError('passkey.not_found', 'You have no passkey here.');
    const challenge = await this.challenges.make('step_up', { sessionId: caller.credentialId });
    return requestOptions(this.site, challenge, known);
  }

  /** @throws {RollcallError} `passkey.refused` for any passkey but one of the person whose session it is */
  async stepUp(caller: Caller, response: PasskeyUsed, http: Http): Promise<void> {
    const { organisationId, personId } = selfOf(caller);
    const challenge = challengeOf(response.response.clientDataJSON);
    const whom = { sessionId: caller.credentialId };
    if (challenge === null || !(await this.challenges.take('step_up', whom, challenge))) throw refused();
    const renewed = await this.database.asOrganisation(organisationId, async (tx) => {
      const fault = await this.used(tx, personId, response, challenge);
      if (fault !== null) return this.note(tx, personId, fault, contextOf(caller));
      const because = await this.entering.whyNot(tx, personId, { strength: 'passkey', provider: null });
      if (because !== null) throw refusedBecause(because);
      const how = { strength: 'passkey', amr: AMR, acr: null, at: this.clock.now() } as const;
      const session = await this.sessions.reauthenticated(tx, caller.credentialId, how);
      const subject = { kind: 'person', id: personId };
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'sign_in.stepped_up',
        subject,
        detail: { by: 'passkey' },
      });
      return session;
    });
    if (renewed === null) throw refused();
    this.setSession(http, renewed);
  }

  /** Null when all is well; the passkey is marked as used then. */
  private async used(
    tx: Tx,
    personId: string,
    response: PasskeyUsed,
    challenge: Buffer,
  ): Promise<PasskeyFault | 'unknown' | null> {
    const row = await this.passkeys.lockByCredential(tx, personId, response.id);
    if (row === null) return 'unknown';
    const result = await checkUse(this.site, response, challenge, row);
    if (isFault(result)) return result;
    await this.passkeys.used(tx, row.id, { ...result, at: this.clock.now() });
    return null;
  }

  /** What is not known is not noted: a stranger would fill the log of an organisation. */
  private async note(
    tx: Tx,
    personId: string,
    fault: PasskeyFault | 'unknown',
    by: Parameters<AuditService['recordMany']>[1],
  ): Promise<null> {
    if (fault === 'unknown') return null;
    this.log.warn({ because: fault.because, error: fault.error }, 'a passkey was refused');
    await this.audit.record(tx, {
      by: by.by,
      ...(by.address === undefined ? {} : { address: by.address }),
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
      action: 'passkey.refused',
      subject: { kind: 'person', id: personId },
      outcome: 'refused',
      detail: { because: fault.because },
    });
    return null;
  }

  private wrong(visitor: Visitor): RollcallError {
    this.delay.wrong(visitor.address);
    return refused();
  }

  private setSession({ response }: Http, session: NewSession): void {
    setCookie(response, 'session', session.cookie, { site: this.site });
  }
}

/** An operator in a support session shows who they are at home. */
function selfOf(caller: Caller): { organisationId: string; personId: string } {
  const { operator, organisationId, personId } = caller;
  if (operator !== null) return { organisationId: operator.organisationId, personId: operator.personId };
  if (personId === null) throw new TypeError('a route about oneself has no person');
  return { organisationId, personId };
}

function refused(): RollcallError {
  return new RollcallError('passkey.refused', 'This passkey was not accepted: try again, or sign in in another way.');
}
