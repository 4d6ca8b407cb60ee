import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import type {
  IdentityProvider,
  IdentityProviderSettings,
  IdentityProviderState,
  ProviderProblem,
} from './identity-providers.types.js';
import type { ProviderMetadata } from './provider-metadata.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const COLUMNS = `organisation_id, id, preset, name, issuer, client_id, state, settings, secret_at, connection_id, domains,
  discovery, discovered_at, problem, tested_at, steps_up, created_at, updated_at, version`;

export interface OrganisationSwitches {
  sso: boolean;
  deleting: boolean;
}

/** What a change leaves behind. */
export interface ChangedProvider {
  name: string;
  issuer: string;
  clientId: string;
  settings: IdentityProviderSettings;
  connectionId: string | null;
  domains: readonly string[];
  discovery: ProviderMetadata;
  /** Whether a test sign-in has to pass again. */
  untested: boolean;
}

@Injectable()
export class IdentityProvidersRepository {
  list(tx: Tx): Promise<IdentityProvider[]> {
    return tx.query<IdentityProvider>(`SELECT ${COLUMNS} FROM identity_provider WHERE ${OWN} ORDER BY created_at, id`);
  }

  find(tx: Tx, id: string): Promise<IdentityProvider | null> {
    return tx.maybeOne<IdentityProvider>(`SELECT ${COLUMNS} FROM identity_provider WHERE ${OWN} AND id = $1`, [id]);
  }

  /** Locked, so that two changes follow one another. */
  lock(tx: Tx, id: string): Promise<IdentityProvider | null> {
    return tx.maybeOne<IdentityProvider>(
      `SELECT ${COLUMNS} FROM identity_provider WHERE ${OWN} AND id = $1 FOR UPDATE`,
      [id],
    );
  }

  /** @returns False when there is one of this id already. */
  async insert(
    tx: Tx,
    row: Omit<ChangedProvider, 'untested'> & { id: string; preset: string; createdAt: Date },
  ): Promise<boolean> {
    const inserted = await tx.execute(
      `INSERT INTO identity_provider (organisation_id, id, preset, name, issuer, client_id, state, settings, connection_id,
                                      domains, discovery, discovered_at, created_at, updated_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, $5, 'setup', $6::jsonb, $7, $8, $9::jsonb,
               $10, $10, $10) ON CONFLICT (organisation_id, id) DO NOTHING`,
      [
        row.id,
        row.preset,
        row.name,
        row.issuer,
        row.clientId,
        JSON.stringify(row.settings),
        row.connectionId,
        row.domains,
        JSON.stringify(row.discovery),
        row.createdAt,
      ],
    );
    return inserted === 1;
  }

  /** Who has to be tested again is not active any more. */
  async update(tx: Tx, id: string, change: ChangedProvider, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE identity_provider
          SET name = $2, issuer = $3, client_id = $4, settings = $5::jsonb, connection_id = $6, domains = $7,
              discovery = $8::jsonb, discovered_at = $10, updated_at = $10, version = version + 1,
              tested_at = CASE WHEN $9 THEN NULL ELSE tested_at END,
              steps_up = CASE WHEN $9 THEN NULL ELSE steps_up END,
              state = CASE WHEN $9 AND state = 'active' THEN 'setup' ELSE state END
        WHERE ${OWN} AND id = $1`,
      [
        id,
        change.name,
        change.issuer,
        change.clientId,
        JSON.stringify(change.settings),
        change.connectionId,
        change.domains,
        JSON.stringify(change.discovery),
        change.untested,
        now,
      ],
    );
  }

  async setSecret(tx: Tx, id: string, sealed: Buffer | null, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE identity_provider
          SET secret = $2, secret_at = CASE WHEN $2::bytea IS NULL THEN NULL ELSE $3::timestamptz END, updated_at = $3, version = version + 1
        WHERE ${OWN} AND id = $1`,
      [id, sealed, now],
    );
  }

  async sealedSecret(tx: Tx, id: string): Promise<Buffer | null> {
    const row = await tx.maybeOne<{ secret: Buffer | null }>(
      `SELECT secret FROM identity_provider WHERE ${OWN} AND id = $1`,
      [id],
    );
    return row?.secret ?? null;
  }

  async setState(tx: Tx, id: string, state: IdentityProviderState, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE identity_provider SET state = $2, updated_at = $3, version = version + 1 WHERE ${OWN} AND id = $1`,
      [id, state, now],
    );
  }

  async setDiscovery(tx: Tx, id: string, metadata: ProviderMetadata, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE identity_provider SET discovery = $2::jsonb, discovered_at = $3 WHERE ${OWN} AND id = $1 AND issuer = $4`,
      [id, JSON.stringify(metadata), now, metadata.issuer],
    );
  }

  /** The first moment of one trouble stays. The admins are told once, and again when it is another trouble. */
  async setProblem(tx: Tx, id: string, problem: ProviderProblem, message: string): Promise<void> {
    const isNew = await tx.execute(
      `UPDATE identity_provider SET problem = $2::jsonb
        WHERE ${OWN} AND id = $1 AND (problem IS NULL OR problem ->> 'code' <> $3)`,
      [id, JSON.stringify(problem), problem.code],
    );
    if (isNew === 0) return;
    await tx.execute(
      `INSERT INTO notice (organisation_id, id, kind, cause, message, detail, opened_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'identity_provider', $2, $3, $4::jsonb, $5)
       ON CONFLICT (organisation_id, cause) WHERE mended_at IS NULL
       DO UPDATE SET message = excluded.message, detail = excluded.detail`,
      [newId(), causeOf(id), message, JSON.stringify({ provider: id, code: problem.code }), problem.since],
    );
  }

  async clearProblem(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.execute(`UPDATE identity_provider SET problem = NULL WHERE ${OWN} AND id = $1 AND problem IS NOT NULL`, [
      id,
    ]);
    await tx.execute(`UPDATE notice SET mended_at = $2 WHERE ${OWN} AND cause = $1 AND mended_at IS NULL`, [
      causeOf(id),
      now,
    ]);
  }

  /** A test that passed; one of settings that are no more counts for nothing. */
  async setTested(
    tx: Tx,
    { id, version }: Pick<IdentityProvider, 'id' | 'version'>,
    { at, stepsUp }: { at: Date; stepsUp: boolean },
  ): Promise<void> {
    await tx.execute(
      `UPDATE identity_provider SET tested_at = $3, steps_up = $4 WHERE ${OWN} AND id = $1 AND version = $2`,
      [id, version, at, stepsUp],
    );
  }

  /** With another issuer, a subject is somebody else. */
  async unlinkAll(tx: Tx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM identity_link WHERE ${OWN} AND identity_provider_id = $1`, [id]);
  }

  /** With all that hangs on it, its sessions aside, which end before. */
  async delete(tx: Tx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM sign_in_attempt WHERE ${OWN} AND identity_provider_id = $1`, [id]);
    await tx.execute(`DELETE FROM identity_link WHERE ${OWN} AND identity_provider_id = $1`, [id]);
    await tx.execute(`DELETE FROM logout_token_seen WHERE ${OWN} AND identity_provider_id = $1`, [id]);
    await tx.execute(`DELETE FROM identity_provider WHERE ${OWN} AND id = $1`, [id]);
  }

  /** Remembers a logout token until it could not be taken any more. @returns false when it was seen before (O-70). */
  async rememberLogout(tx: Tx, id: string, digest: Buffer, expiresAt: Date): Promise<boolean> {
    const rows = await tx.execute(
      `INSERT INTO logout_token_seen (organisation_id, identity_provider_id, jti, expires_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3) ON CONFLICT DO NOTHING`,
      [id, digest, expiresAt],
    );
    return rows === 1;
  }

  /** What the organisation's own switches say of signing in; null: there is no such organisation. */
  organisation(tx: Tx): Promise<OrganisationSwitches | null> {
    return tx.maybeOne<OrganisationSwitches>(
      `SELECT sso, delete_after IS NOT NULL AS deleting FROM organisation
        WHERE id = current_setting('rollcall.organisation_id')::uuid`,
    );
  }
}

/** A provider has at most one notice open. */
function causeOf(id: string): string {
  return `identity_provider:${id}`;
}
