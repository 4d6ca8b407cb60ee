import { Injectable } from '@nestjs/common';
import { Sessions } from '../auth/sessions.service.js';
import { Database } from '../database/database.service.js';
import { Imports } from '../imports/imports.service.js';
import { Invitations } from '../invitations/invitations.service.js';
import { Mails } from '../mail/mails.service.js';
import { PasskeyChallenges } from '../sign-in/passkeys-challenges.js';
import { LeftoversRepository } from './leftovers.repository.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** G-10: what signing in leaves behind, and for how long: sessions 30 days, links 7, attempts one, the rest minutes. */
@Injectable()
export class Leftovers {
  constructor(
    private readonly database: Database,
    private readonly leftovers: LeftoversRepository,
    private readonly sessions: Sessions,
    private readonly mails: Mails,
    private readonly invitations: Invitations,
    private readonly imports: Imports,
    private readonly challenges: PasskeyChallenges,
  ) {}

  async clean(organisationId: string, now: Date): Promise<void> {
    await this.database.asOrganisation(organisationId, async (tx) => {
      await this.leftovers.attempts(tx, new Date(now.getTime() - DAY));
      await this.leftovers.tokens(tx, new Date(now.getTime() - 7 * DAY));
      await this.leftovers.logoutTokens(tx, now);
    });
    await this.sessions.forgetOld(organisationId, now);
    await this.mails.forgetOld(organisationId, now);
    await this.invitations.forgetOld(organisationId, now);
    await this.imports.forgetOld(organisationId, now);
  }

  /** What belongs to no organisation. */
  async cleanInstallation(now: Date): Promise<void> {
    await this.challenges.forgetOld(now);
    await this.invitations.forgetRecipients(now);
    await this.database.asWorker((tx) => this.leftovers.linkRequests(tx, new Date(now.getTime() - HOUR)));
  }
}
