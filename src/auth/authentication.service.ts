import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import { ApiKeysRepository, type CredentialRow } from './api-keys.repository.js';
import { ALL_SCOPES, NO_SESSION, type Caller, type Scope } from './auth.types.js';
import { digestOf, lookupOf, sameDigest } from './key-format.js';
import { liesIn } from './networks.js';

const SCHEME = /^Bearer +([^ ]+) *$/i;
const A_MINUTE = 60_000;
/** Compared when there is no such key, so that finding none costs what finding one does. */
const NOBODY = Buffer.alloc(32);

/** Turns the credential of a request into its caller. Every refusal reads the same: it tells a stranger nothing. */
@Injectable()
export class Authentication {
  private readonly touched = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeysRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param authorization The header as received.
   * @param from Where the request came from, and its id.
   * @throws {RollcallError} `request.unauthenticated`
   */
  async authenticate(authorization: string | undefined, from: { address: string; requestId: string }): Promise<Caller> {
    const key = SCHEME.exec(authorization ?? '')?.[1];
    const lookup = key === undefined ? null : lookupOf(key);
    if (key === undefined || lookup === null) throw refused();
    const row = await this.database.asWorker((worker) => this.keys.findByLookup(worker, lookup), { readOnly: true });
    const now = this.clock.now();
    const genuine = sameDigest(digestOf(key), row?.digest ?? NOBODY);
    if (!row || !genuine) throw refused();
    const because = reasonAgainst(row, now, from.address);
    if (because !== null) {
      await this.note(row, because, from);
      throw refused();
    }
    await this.confirm(row, now);
    return {
      ...NO_SESSION,
      kind: 'key',
      organisationId: row.organisationId,
      credentialId: row.id,
      personId: row.personId,
      // A scope that a later release took away is no scope any more.
      scopes: new Set<Scope>(row.scopes.filter((scope) => ALL_SCOPES.includes(scope))),
      networks: row.networks,
      ...from,
    };
  }

  /** Whoever has the right key in the wrong place or time is worth a look. Strangers, who have none, write nothing. */
  private note(row: CredentialRow, because: string, from: { address: string; requestId: string }): Promise<void> {
    return this.database.asOrganisation(row.organisationId, (tx) =>
      this.audit.record(tx, {
        by: { kind: 'key', id: row.id, personId: row.personId },
        action: 'api_key.refused',
        subject: { kind: 'api_key', id: row.id },
        outcome: 'refused',
        detail: { because },
        ...from,
      }),
    );
  }

  /** A key is never more than the admin behind it is now; and its use is noted, about once a minute. */
  private async confirm(row: CredentialRow, now: Date): Promise<void> {
    const note = now.getTime() - (this.touched.get(row.id) ?? 0) >= A_MINUTE;
    const { personId } = row;
    if (!note && personId === null) return;
    await this.database.asOrganisation(row.organisationId, async (tx) => {
      if (personId !== null && !(await this.keys.isActiveAdmin(tx, personId))) throw refused();
      if (note) await this.keys.touch(tx, row.id, now);
    });
    if (!note) return;
    if (this.touched.size > 10_000) this.touched.clear();
    this.touched.set(row.id, now.getTime());
  }
}

function reasonAgainst(row: CredentialRow, now: Date, address: string): 'revoked' | 'expired' | 'network' | null {
  if (row.revokedAt !== null) return 'revoked';
  if (row.expiresAt <= now) return 'expired';
  return row.networks.length > 0 && !liesIn(address, row.networks) ? 'network' : null;
}

function refused(): RollcallError {
  return new RollcallError(
    'request.unauthenticated',
    'Sign in, or send an API key that is valid here as Authorization: Bearer rc_….',
  );
}
