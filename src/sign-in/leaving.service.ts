import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { Sessions } from '../auth/sessions.service.js';
import { Database } from '../database/database.service.js';
import { SupportSessions } from '../organisations/support-sessions.service.js';
import { RelyingParty } from '../sso/relying-party.service.js';

/** The page that says that one has signed out. */
const SIGNED_OUT = '/signed-out';

/** Signing out, here and at the provider, whoever of the two begins. */
@Injectable()
export class Leaving {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly party: RelyingParty,
    private readonly support: SupportSessions,
    private readonly audit: AuditService,
  ) {}

  /** O-69: the session ends first and whatever the provider does. @returns Where the browser goes to sign out there too. */
  async signOut(caller: Caller): Promise<string> {
    const id = caller.credentialId;
    await this.support.endOwn(caller);
    // An operator on a visit has their session in the installation's own organisation.
    const home = caller.operator?.organisationId ?? caller.organisationId;
    return this.database.asOrganisation(home, async (tx) => {
      const session = await this.sessions.providerOf(tx, id);
      await this.sessions.end(tx, { ids: [id] }, 'signed_out');
      const subject = { kind: 'session', id };
      await this.audit.record(tx, { ...contextOf(caller), action: 'session.signed_out', subject });
      return (session === null ? null : await this.party.logoutUrl(tx, session)) ?? SIGNED_OUT;
    });
  }

  /** O-70: the provider ended a session, or all of an account. @throws {RollcallError} `sign_in.logout_token_invalid` */
  async endedByProvider(from: { organisationId: string; providerId: string }, token: string, visitor: Visitor) {
    const { organisationId, providerId } = from;
    const loggedOut = await this.party.logoutToken(organisationId, providerId, token);
    const { sid, subject } = loggedOut;
    await this.database.asOrganisation(organisationId, async (tx) => {
      await this.party.useLogoutToken(tx, providerId, loggedOut);
      const where = {
        identityProviderId: providerId,
        ...(sid === null ? {} : { sid }),
        ...(subject === null ? {} : { subject }),
      };
      const ended = await this.sessions.end(tx, where, 'provider_logout');
      await this.audit.record(tx, {
        by: { kind: 'system' },
        requestId: visitor.requestId,
        address: visitor.address,
        action: 'session.logged_out_by_provider',
        subject: { kind: 'identity_provider', id: providerId },
        detail: { ended, by: sid === null ? 'account' : 'session' },
      });
    });
  }
}
