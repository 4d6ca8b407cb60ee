import { Injectable } from '@nestjs/common';
import type { Actor } from '../audit/audit.types.js';
import type { Tx } from '../database/tx.js';

export interface BreakGlassRow {
  personId: string;
  email: string;
  firstName: string | null;
  lastName: string | null;
  passkeys: number;
}

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const NOT_EXEMPT = `NOT EXISTS (SELECT FROM break_glass b WHERE b.organisation_id = x.organisation_id AND b.person_id = x.person_id)`;

@Injectable()
export class SignInSettingsRepository {
  breakGlass(tx: Tx): Promise<BreakGlassRow[]> {
    return tx.query<BreakGlassRow>(
      `SELECT b.person_id, p.email, p.first_name, p.last_name,
              (SELECT count(*) FROM passkey k WHERE k.organisation_id = b.organisation_id AND k.person_id = b.person_id) AS passkeys
         FROM break_glass b JOIN person p ON p.organisation_id = b.organisation_id AND p.id = b.person_id
        WHERE b.${OWN} ORDER BY p.email_canonical, p.id`,
    );
  }

  async hasActiveProvider(tx: Tx): Promise<boolean> {
    const found = await tx.maybeOne(`SELECT 1 FROM identity_provider WHERE ${OWN} AND state = 'active' LIMIT 1`);
    return found !== null;
  }

  /** Whether a session began at a provider that is active still. */
  async beganAtActiveProvider(tx: Tx, sessionId: string): Promise<boolean> {
    const found = await tx.maybeOne(
      `SELECT 1 FROM session s JOIN identity_provider i ON i.organisation_id = s.organisation_id AND i.id = s.identity_provider_id
        WHERE s.${OWN} AND s.id = $1 AND s.strength = 'provider' AND i.state = 'active'`,
      [sessionId],
    );
    return found !== null;
  }

  async setEnforced(tx: Tx, on: boolean): Promise<void> {
    await tx.execute(
      `UPDATE organisation SET sso_enforced = $1 WHERE id = current_setting('rollcall.organisation_id')::uuid`,
      [on],
    );
  }

  /** @returns Who of them are active people of this organisation. */
  async active(tx: Tx, personIds: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM person WHERE ${OWN} AND id = ANY($1) AND state = 'active'`,
      [personIds],
    );
    return rows.map(({ id }) => id);
  }

  async addBreakGlass(tx: Tx, personId: string, by: Actor, at: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO break_glass (organisation_id, person_id, made_by, made_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3)`,
      [personId, JSON.stringify(by), at],
    );
  }

  async endBreakGlass(tx: Tx, personId: string): Promise<void> {
    await tx.execute(`DELETE FROM break_glass WHERE ${OWN} AND person_id = $1`, [personId]);
  }

  /** Sessions of people who are no exception, that did not begin at a provider. */
  async besideProvider(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT x.id FROM session x
        WHERE x.${OWN} AND x.kind = 'person' AND x.ended_at IS NULL AND x.strength IN ('link', 'passkey') AND ${NOT_EXEMPT}`,
    );
    return rows.map(({ id }) => id);
  }

  async endLinks(tx: Tx, at: Date): Promise<void> {
    await tx.execute(
      `UPDATE sign_in_token x SET ended_at = $1
        WHERE x.${OWN} AND x.kind = 'link' AND x.used_at IS NULL AND x.ended_at IS NULL AND ${NOT_EXEMPT}`,
      [at],
    );
  }
}
