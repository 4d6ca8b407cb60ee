import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { makeSecret } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import { Secrets } from '../database/secrets.service.js';
import { InstallationRepository } from './installation.repository.js';
import { Operators } from './operators.service.js';

const A_MINUTE = 60_000;
const FIRST_TOKEN_MINUTES = 30;
const BY_THE_SERVICE = { by: { kind: 'system' } } as const;

/** The installation's own organisation, and how its first operator comes to be: never whoever visits first. */
@Injectable()
export class Installation {
  constructor(
    private readonly database: Database,
    private readonly rows: InstallationRepository,
    private readonly operators: Operators,
    private readonly secrets: Secrets,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'server'>,
  ) {}

  /** Makes it when it is not there; of several instances that start, one does. */
  async ensure(): Promise<string> {
    const there = await this.operators.installationId();
    if (there !== null) return there;
    const id = newId();
    const row = { id, slug: 'installation', otherSlug: `installation-${id.slice(-12)}`, name: 'Installation' };
    const made = await this.database.asMigrate(async (owner) => {
      const own = await this.rows.make(owner, { ...row, createdAt: this.clock.now() });
      if (own === null) return null;
      await this.secrets.addKey(owner, own);
      const subject = { kind: 'organisation', id: own };
      await this.audit.record(owner, { ...BY_THE_SERVICE, action: 'organisation.created', subject });
      return own;
    });
    return made ?? this.operators.installation();
  }

  /**
   * A link for the first operator, good once and for 30 minutes; those before are dead. To be shown at the console of
   * the machine and nowhere else.
   *
   * @returns Null when an operator can sign in.
   */
  async firstOperatorLink(): Promise<{ url: string; minutes: number } | null> {
    const installation = await this.ensure();
    return this.database.asOrganisation(installation, async (tx) => {
      await this.rows.lock(tx);
      if (await this.rows.hasOperator(tx)) return null;
      const { text, digest } = makeSecret(installation, randomBytes);
      const createdAt = this.clock.now();
      const expiresAt = new Date(createdAt.getTime() + FIRST_TOKEN_MINUTES * A_MINUTE);
      const madeBy = JSON.stringify(BY_THE_SERVICE.by);
      await this.rows.replaceFirstToken(tx, { id: newId(), digest, madeBy, createdAt, expiresAt });
      const url = `${publicSiteOf(this.config.server).origin}/sign-in/first#${text}`;
      return { url, minutes: FIRST_TOKEN_MINUTES };
    });
  }
}
