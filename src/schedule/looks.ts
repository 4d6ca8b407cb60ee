import { Inject, Injectable } from '@nestjs/common';
import { AuditChain } from '../audit/chain.service.js';
import { AuditHeads } from '../audit/heads.service.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Dispatch } from '../invitations/dispatch.service.js';
import { Mails } from '../mail/mails.service.js';
import { DomainChecks } from '../organisations/domain-checks.service.js';
import { OrganisationDeletion } from '../organisations/organisation-deletion.service.js';
import { Links } from '../sign-in/links.service.js';

const HOUR = 3_600_000;

/** Something that is done again and again. */
export interface Look {
  name: string;
  everyMs: number;
  work: () => Promise<unknown>;
  /** Also when the service starts: one that is started anew more often than this comes would never do it. */
  atOnce?: true;
}

/** What is done behind those who sign in, and behind the audit log. */
@Injectable()
export class Looks {
  constructor(
    private readonly links: Links,
    private readonly mails: Mails,
    private readonly invitations: Dispatch,
    private readonly chain: AuditChain,
    private readonly heads: AuditHeads,
    private readonly domains: DomainChecks,
    private readonly deletion: OrganisationDeletion,
    @Inject(CONFIG) private readonly config: Pick<Config, 'audit' | 'mail'>,
  ) {}

  all(): Look[] {
    const { audit, mail } = this.config;
    return [
      { name: 'links', everyMs: mail.lookEveryMs, work: () => this.links.expand() },
      { name: 'invitations', everyMs: 5_000, work: () => this.invitations.sendDue() },
      { name: 'mail', everyMs: mail.lookEveryMs, work: () => this.mails.deliverDue() },
      { name: 'audit chain', everyMs: audit.chainEveryMs, work: () => this.chain.look() },
      {
        name: 'audit heads',
        everyMs: audit.exportEveryMinutes * 60_000,
        work: () => this.heads.exportAll(),
        atOnce: true,
      },
      { name: 'deletion', everyMs: 5 * 60_000, work: () => this.deletion.deleteDue() },
      { name: 'domains', everyMs: HOUR, work: () => this.domains.recheckDue() },
    ];
  }
}
