import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { canonicalDomain } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull, type PageQuery } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import { isUniqueViolation } from '../database/errors.js';
import type { Tx } from '../database/tx.js';
import { isPublic, lapsedBefore, ownDomain } from './domain-rules.js';
import type { DomainsPage, DomainView } from './domains.dto.js';
import { DomainsRepository, type DomainRow, type Verification } from './domains.repository.js';
import type { DomainsNoted } from './organisations.types.js';

/** More than a directory's customer has; what is longer is cut. */
const MOST_LISTED = 2000;

/**
 * The e-mail domains of an organisation. A verified one belongs to one organisation of the installation alone, and
 * whether another has it is never told.
 */
@Injectable()
export class DomainsService {
  constructor(
    private readonly database: Database,
    private readonly domains: DomainsRepository,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param setUpSession Of whoever came by a set-up link, who goes on with what they named.
   * @throws {RollcallError} `domain.invalid`, `domain.public`, `domain.exists`
   */
  async add(
    organisationId: string,
    raw: string,
    by: AuditContext,
    setUpSession: string | null = null,
  ): Promise<DomainView> {
    const name = ownDomain(raw);
    return this.database.asOrganisation(organisationId, async (tx) => {
      const row = await this.insert(tx, name, by);
      if (!row) throw new RollcallError('domain.exists', 'The organisation has named this domain before.');
      if (setUpSession !== null) await this.sessions.own(tx, setUpSession, row.id);
      return toDomainView(row);
    });
  }

  async list(organisationId: string, page: PageQuery): Promise<DomainsPage> {
    const after = decodeCursor(page.cursor, z.string().max(253));
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.domains.list(tx, after, page.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, page.limit, toDomainView, (row) => row.name);
  }

  show(organisationId: string, id: string): Promise<DomainView> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => toDomainView(found(await this.domains.find(tx, id))),
      {
        readOnly: true,
      },
    );
  }

  remove(organisationId: string, id: string, by: AuditContext): Promise<void> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      found(await this.domains.find(tx, id));
      await this.domains.remove(tx, id);
      await this.domains.mendNotice(tx, id, this.clock.now());
      await this.audit.record(tx, { ...by, action: 'domain.removed', subject: { kind: 'domain', id } });
    });
  }

  /**
   * For the operator, who has looked for themselves. Adds the domain when it is not there yet.
   *
   * @param reason Why it is taken to be theirs; kept with the domain.
   * @throws {RollcallError} `domain.not_available` when it cannot be had, for whatever reason.
   */
  async verifyAsOperator(
    organisationId: string,
    raw: string,
    reason: string,
    by: AuditContext = { by: { kind: 'operator' } },
  ): Promise<DomainView> {
    const name = ownDomain(raw);
    return this.database.asOrganisation(organisationId, async (tx) => {
      const how: Verification = { by: 'operator', reason, connectionId: null, at: this.clock.now() };
      if (!(await this.verify(tx, name, how, by))) {
        throw new RollcallError('domain.not_available', 'This domain cannot be verified for this organisation.');
      }
      return toDomainView(found(await this.domains.findByName(tx, name)));
    });
  }

  /**
   * Takes over the domains that a directory itself has verified for its customer; call it with what a probe said.
   * An empty list says nothing: not every directory can tell.
   */
  async noteVerifiedByConnection(
    tx: Tx,
    connectionId: string,
    listed: readonly string[],
    by: AuditContext,
  ): Promise<DomainsNoted> {
    if (listed.length === 0) return { added: [], withdrawn: [], refused: [] };
    const names = [...new Set(listed.slice(0, MOST_LISTED).map((raw) => canonicalDomain(raw)))].filter(
      (name) => name !== null,
    );
    const withdrawn = await this.domains.withdraw(tx, connectionId, names);
    const mine = new Set(await this.domains.verifiedNames(tx));
    const added: string[] = [];
    const refused: string[] = [];
    for (const name of names) {
      if (mine.has(name)) continue;
      const how: Verification = { by: 'connection', reason: null, connectionId, at: this.clock.now() };
      const had = !isPublic(name) && (await this.verify(tx, name, how, by));
      (had ? added : refused).push(name);
    }
    return { added, withdrawn, refused };
  }

  /** The domains in which an address links to a person by itself: verified, and the proof has not failed for a week. */
  async verified(tx: Tx): Promise<ReadonlySet<string>> {
    return new Set(await this.domains.trustedNames(tx, lapsedBefore(this.clock.now())));
  }

  /** Adds it too when it is not there. @returns False when another organisation has it. */
  async verify(tx: Tx, name: string, how: Verification, by: AuditContext): Promise<boolean> {
    const row = (await this.insert(tx, name, by)) ?? found(await this.domains.findByName(tx, name));
    if (row.verifiedAt !== null) return true;
    try {
      await tx.savepoint((inner) => this.domains.verify(inner, row.id, how));
    } catch (error) {
      if (isUniqueViolation(error, 'domain_verified_once')) return false;
      throw error;
    }
    await this.audit.record(tx, {
      ...by,
      action: 'domain.verified',
      subject: { kind: 'domain', id: row.id },
      detail: { how: how.by },
    });
    return true;
  }

  private async insert(tx: Tx, name: string, by: AuditContext): Promise<DomainRow | null> {
    const row = { id: newId(), name, token: randomBytes(16).toString('hex'), createdAt: this.clock.now() };
    if (!(await this.domains.insert(tx, row))) return null;
    await this.audit.record(tx, { ...by, action: 'domain.added', subject: { kind: 'domain', id: row.id } });
    return {
      ...row,
      verifiedAt: null,
      verifiedBy: null,
      reason: null,
      connectionId: null,
      checkedAt: null,
      failingSince: null,
    };
  }
}

function found(row: DomainRow | null): DomainRow {
  if (!row) throw new RollcallError('domain.not_found', 'There is no such domain.');
  return row;
}

/** What the owner of a domain publishes to show that it is theirs. */
export function recordOf(row: Pick<DomainRow, 'name' | 'token'>): DomainView['dnsRecord'] {
  return { type: 'TXT', name: `_rollcall.${row.name}`, value: `rollcall-domain=${row.token}` };
}

export function toDomainView(row: DomainRow): DomainView {
  return {
    id: row.id,
    name: row.name,
    verifiedAt: instantOrNull(row.verifiedAt),
    verifiedBy: row.verifiedBy,
    checkedAt: instantOrNull(row.checkedAt),
    failingSince: instantOrNull(row.failingSince),
    dnsRecord: recordOf(row),
    createdAt: instant(row.createdAt),
  };
}
