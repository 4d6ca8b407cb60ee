import { hkdfSync, randomBytes } from 'node:crypto';
import { KEY_BYTES, keyIdOf, seal, unseal, type SealedPlace } from '../common/envelope.js';
import { RollcallError } from '../common/errors.js';
import type { SecretKey, SecretKeys } from '../common/secret-key.js';
import type { Database } from './database.service.js';
import type { Tx } from './tx.js';

interface DataKeyRow {
  version: number;
  wrapped: Buffer;
  secretKeyId: string;
}

/**
 * Seals and opens secrets with a data key of the organisation, which itself is wrapped by the installation's secret
 * key. A copy of the database without that key opens nothing.
 */
export class Secrets {
  constructor(private readonly keys: SecretKeys) {}

  /** Which of an organisation's rows the secret is for is part of the seal. */
  async seal(tx: Tx, place: SealedPlace, plaintext: string): Promise<Buffer> {
    const row = (await this.newest(tx, place.organisationId)) ?? (await this.addKey(tx, place.organisationId));
    return seal(Buffer.from(plaintext), this.unwrap(place.organisationId, row), String(row.version), place);
  }

  /** @throws {RollcallError} `secret.unreadable`, or `secret_key.unknown` when another secret key sealed it. */
  async open(tx: Tx, place: SealedPlace, envelope: Buffer): Promise<string> {
    const row = await tx.maybeOne<DataKeyRow>(
      'SELECT version, wrapped, secret_key_id FROM data_key WHERE organisation_id = $1 AND version::text = $2',
      [place.organisationId, keyIdOf(envelope)],
    );
    if (!row) throw new RollcallError('secret.unreadable', 'A stored secret cannot be opened; enter it again.');
    return unseal(envelope, this.unwrap(place.organisationId, row), place).toString('utf8');
  }

  /** Begins a new data key; what is sealed from now on uses it, and what was sealed before still opens. */
  async addKey(tx: Tx, organisationId: string): Promise<DataKeyRow> {
    const before = await this.newest(tx, organisationId);
    const version = (before?.version ?? 0) + 1;
    const wrapped = this.wrap(organisationId, version, randomBytes(KEY_BYTES));
    await tx.execute(
      `INSERT INTO data_key (organisation_id, version, wrapped, secret_key_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT (organisation_id, version) DO NOTHING`,
      [organisationId, version, wrapped, this.keys.current.id],
    );
    await tx.execute(
      'UPDATE data_key SET retired_at = now() WHERE organisation_id = $1 AND version < $2 AND retired_at IS NULL',
      [organisationId, version],
    );
    const row = await this.newest(tx, organisationId);
    if (!row) throw new TypeError('a data key was made and is not there');
    return row;
  }

  /** Keys of 32 bytes for another purpose, made from the secret keys: the current one first. */
  derived(purpose: string): SecretKey[] {
    return [this.keys.current, ...this.keys.previous].map(({ id, bytes }) => ({
      id,
      bytes: Buffer.from(hkdfSync('sha256', bytes, Buffer.alloc(0), purpose, KEY_BYTES)),
    }));
  }

  /**
   * Wraps anew, with the current secret key, what former ones wrapped. May be broken off and begun again at any time,
   * beside running instances.
   *
   * @returns How many data keys were wrapped anew.
   */
  async rewrap(database: Database): Promise<number> {
    const organisations = await database.asWorker((tx) =>
      tx.query<{ id: string }>('SELECT id FROM organisation ORDER BY id'),
    );
    let count = 0;
    for (const { id } of organisations) count += await database.asOrganisation(id, (tx) => this.rewrapOne(tx, id));
    return count;
  }

  /**
   * Checks at start that every data key can be opened by a key that we have.
   *
   * @throws {RollcallError} `secret_key.unknown`
   */
  async assertKnown(database: Database): Promise<void> {
    const used = await database.asMigrate((tx) =>
      tx.query<{ secretKeyId: string }>('SELECT DISTINCT secret_key_id FROM data_key'),
    );
    for (const { secretKeyId } of used) this.keyOf(secretKeyId);
  }

  private async rewrapOne(tx: Tx, organisationId: string): Promise<number> {
    const rows = await tx.query<DataKeyRow>(
      'SELECT version, wrapped, secret_key_id FROM data_key WHERE organisation_id = $1 AND secret_key_id <> $2 FOR UPDATE',
      [organisationId, this.keys.current.id],
    );
    for (const row of rows) {
      const wrapped = this.wrap(organisationId, row.version, this.unwrap(organisationId, row));
      await tx.execute(
        'UPDATE data_key SET wrapped = $3, secret_key_id = $4 WHERE organisation_id = $1 AND version = $2',
        [organisationId, row.version, wrapped, this.keys.current.id],
      );
    }
    return rows.length;
  }

  private newest(tx: Tx, organisationId: string): Promise<DataKeyRow | null> {
    return tx.maybeOne<DataKeyRow>(
      'SELECT version, wrapped, secret_key_id FROM data_key WHERE organisation_id = $1 ORDER BY version DESC LIMIT 1',
      [organisationId],
    );
  }

  private wrap(organisationId: string, version: number, dataKey: Buffer): Buffer {
    return seal(dataKey, this.keys.current.bytes, this.keys.current.id, keyPlace(organisationId, version));
  }

  private unwrap(organisationId: string, row: DataKeyRow): Buffer {
    return unseal(row.wrapped, this.keyOf(row.secretKeyId).bytes, keyPlace(organisationId, row.version));
  }

  private keyOf(id: string): SecretKey {
    const key = [this.keys.current, ...this.keys.previous].find((known) => known.id === id);
    if (key) return key;
    throw new RollcallError(
      'secret_key.unknown',
      `Secrets were sealed under another secret key (${id}); give that key as ROLLCALL_SECRET_KEY_PREVIOUS.`,
    );
  }
}

function keyPlace(organisationId: string, version: number): SealedPlace {
  return { table: 'data_key', column: 'wrapped', rowId: String(version), organisationId };
}
