import { Injectable } from '@nestjs/common';
import type { SealedPlace } from '../common/envelope.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { ConnectionsRepository } from './connections.repository.js';
import type { Connection } from './connections.types.js';
import { kindOf } from './kinds.js';

/** Credentials at rest: sealed for the one row that they belong to. Nothing else in the house opens them. */
@Injectable()
export class CredentialsStore {
  constructor(
    private readonly connections: ConnectionsRepository,
    private readonly secrets: Secrets,
  ) {}

  /** Null: there are none. @throws {RollcallError} `secret.unreadable` when they were sealed for another place. */
  async open(tx: Tx, connection: Pick<Connection, 'organisationId' | 'id' | 'provider'>): Promise<unknown> {
    const sealed = await this.connections.sealedCredentials(tx, connection.id);
    if (sealed === null) return null;
    const text = await this.secrets.open(tx, placeOf(connection), sealed);
    return kindOf(connection.provider).credentials.parse(JSON.parse(text));
  }

  async store(
    tx: Tx,
    connection: Pick<Connection, 'organisationId' | 'id' | 'provider'>,
    credentials: unknown,
    now: Date,
  ): Promise<void> {
    const shown = kindOf(connection.provider).showCredentials(credentials);
    const sealed = await this.secrets.seal(tx, placeOf(connection), JSON.stringify(credentials));
    await this.connections.setCredentials(tx, connection.id, sealed, shown, now);
  }
}

function placeOf(connection: Pick<Connection, 'organisationId' | 'id'>): SealedPlace {
  return {
    table: 'connection',
    column: 'credentials',
    rowId: connection.id,
    organisationId: connection.organisationId,
  };
}
