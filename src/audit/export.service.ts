import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { AuditService } from './audit.service.js';
import type { AuditContext } from './audit.types.js';
import type { NumberedEntry } from './chain.js';
import { ChainRepository } from './chain.repository.js';
import { AuditChain } from './chain.service.js';

const LINKS_AT_ONCE = 1_000;

/** The audit log whole, as lines of JSON in the order of its chain: whoever has it can compute every hash again. */
@Injectable()
export class AuditExport {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly links: ChainRepository,
    private readonly chain: AuditChain,
  ) {}

  /** That it was exported is the last thing in it. */
  async begin(organisationId: string, context: AuditContext): Promise<AsyncGenerator<string>> {
    await this.database.asOrganisation(organisationId, (tx) =>
      this.audit.record(tx, {
        ...context,
        action: 'audit.exported',
        subject: { kind: 'organisation', id: organisationId },
      }),
    );
    await this.chain.extend(organisationId);
    return this.lines(organisationId);
  }

  private async *lines(organisationId: string): AsyncGenerator<string> {
    for (let after = 0; ;) {
      const from = after;
      const rows = await this.database.asOrganisation(
        organisationId,
        (tx) => this.links.links(tx, from, LINKS_AT_ONCE),
        { readOnly: true },
      );
      for (const { position, hash, entry } of rows) {
        after = position;
        yield lineOf(position, hash, entry);
      }
      if (rows.length < LINKS_AT_ONCE) return;
    }
  }
}

function lineOf(position: number, hash: Buffer, numbered: NumberedEntry | null): string {
  const { seq: _, ...entry } = numbered ?? { seq: 0 };
  return `${JSON.stringify({ position, hash: hash.toString('hex'), entry: numbered === null ? null : entry })}\n`;
}
