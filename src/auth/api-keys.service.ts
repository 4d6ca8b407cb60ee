import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf, type AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Id, instant, instantOrNull, type PageQuery } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import type { ApiKeysPage, ApiKeyView, CreateApiKey, NewApiKeyView } from './api-keys.dto.js';
import { ApiKeysRepository, type ApiKeyRow } from './api-keys.repository.js';
import type { Caller, Scope } from './auth.types.js';
import { makeKey } from './key-format.js';
import { isWithin } from './networks.js';

const A_DAY = 86_400_000;
export const DEFAULT_KEY_DAYS = 90;

export interface KeyOrder {
  name: string;
  scopes: readonly Scope[];
  networks: readonly string[];
  expiresInDays: number;
}

/** Makes, lists and revokes API keys. A key is shown when it is made; what is stored cannot be used. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeysRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {RollcallError} `api_key.exceeds_maker` for more than the caller's own key may do. */
  async create(caller: Caller, order: CreateApiKey): Promise<NewApiKeyView> {
    const beyond = order.scopes.filter((scope) => !caller.scopes.has(scope));
    if (beyond.length > 0) {
      throw new RollcallError('api_key.exceeds_maker', `The key in use does not have ${beyond.join(', ')} itself.`, {
        scopes: beyond,
      });
    }
    const networks = order.networks.length > 0 ? order.networks : caller.networks;
    if (caller.networks.length > 0 && !networks.every((network) => isWithin(network, caller.networks))) {
      throw new RollcallError(
        'api_key.exceeds_maker',
        'The key in use is limited to networks, and the new one would go beyond them.',
      );
    }
    return this.database.asOrganisation(caller.organisationId, (tx) =>
      this.make(tx, caller.organisationId, { ...order, networks }, contextOf(caller), caller.personId),
    );
  }

  /** For the operator: any scopes, nobody behind it. */
  createAsOperator(organisationId: string, order: KeyOrder): Promise<NewApiKeyView> {
    return this.database.asOrganisation(organisationId, (tx) =>
      this.make(tx, organisationId, order, { by: { kind: 'operator' } }, null),
    );
  }

  async list(organisationId: string, page: PageQuery): Promise<ApiKeysPage> {
    const before = decodeCursor(page.cursor, Id);
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.keys.list(tx, before, page.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, page.limit, toView, (row) => row.id);
  }

  show(organisationId: string, id: string): Promise<ApiKeyView> {
    return this.database.asOrganisation(organisationId, async (tx) => toView(await this.found(tx, id)), {
      readOnly: true,
    });
  }

  /** Ends a key at once. Again is the same as once. */
  revoke(organisationId: string, id: string, by: AuditContext): Promise<ApiKeyView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.found(tx, id);
      if (await this.keys.revoke(tx, id, this.clock.now())) {
        await this.audit.record(tx, { ...by, action: 'api_key.revoked', subject: { kind: 'api_key', id } });
      }
      return toView(await this.found(tx, id));
    });
  }

  private async make(
    tx: Tx,
    organisationId: string,
    order: KeyOrder,
    by: AuditContext,
    personId: string | null,
  ): Promise<NewApiKeyView> {
    const { key, lookup, digest } = makeKey(randomBytes);
    const now = this.clock.now();
    const row: ApiKeyRow = {
      id: newId(),
      name: order.name,
      lookup,
      scopes: [...new Set(order.scopes)],
      networks: [...order.networks],
      personId,
      createdBy: by.by,
      createdAt: now,
      expiresAt: new Date(now.getTime() + order.expiresInDays * A_DAY),
      lastUsedAt: null,
      revokedAt: null,
    };
    await this.keys.insert(tx, organisationId, digest, row);
    await this.audit.record(tx, {
      ...by,
      action: 'api_key.created',
      subject: { kind: 'api_key', id: row.id },
      detail: { scopes: row.scopes.join(' '), expiresAt: instant(row.expiresAt) },
    });
    return { apiKey: toView(row), key };
  }

  private async found(tx: Tx, id: string): Promise<ApiKeyRow> {
    const row = await this.keys.find(tx, id);
    if (!row) throw new RollcallError('api_key.not_found', 'There is no such API key.');
    return row;
  }
}

function toView(row: ApiKeyRow): ApiKeyView {
  return {
    id: row.id,
    name: row.name,
    lookup: row.lookup,
    scopes: row.scopes,
    networks: row.networks,
    personId: row.personId,
    createdAt: instant(row.createdAt),
    expiresAt: instant(row.expiresAt),
    lastUsedAt: instantOrNull(row.lastUsedAt),
    revokedAt: instantOrNull(row.revokedAt),
  };
}
