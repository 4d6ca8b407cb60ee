import type pg from 'pg';
import { RollcallError, codeOf } from '../common/errors.js';

/** Owns the schema · sees one organisation at a time · sees what is due. */
export const ROLES = { migrate: 'rollcall_migrate', app: 'rollcall_app', worker: 'rollcall_worker' } as const;
export type RoleName = keyof typeof ROLES;

/** Another instance made the same role, or granted the same right, at the same moment. */
const MADE_MEANWHILE = new Set(['42710', '23505', 'XX000']);

interface RoleState {
  name: string;
  is_member: boolean;
}

/**
 * Makes the three roles where they are missing, and lets `users` act as them. Does nothing, and needs no right,
 * where all is there already.
 *
 * @throws {RollcallError} `database.role_unsafe` when something is missing and this user may not add it; the
 *   message holds the statements for an administrator.
 */
export async function ensureRoles(
  client: pg.ClientBase,
  users: readonly string[],
  login: { password: string | null } | null,
): Promise<void> {
  const statements = await missing(client, users, login);
  for (const statement of statements) {
    try {
      await client.query(statement);
    } catch (error) {
      const code = codeOf(error);
      if (MADE_MEANWHILE.has(code)) continue;
      throw new RollcallError(
        'database.role_unsafe',
        `The database lacks the roles that Rollcall works with, and this user may not make them; have an administrator run: ${statements.join('; ')};`,
        undefined,
        { cause: error },
      );
    }
  }
}

async function missing(
  client: pg.ClientBase,
  users: readonly string[],
  login: { password: string | null } | null,
): Promise<string[]> {
  const statements: string[] = [];
  for (const role of Object.values(ROLES)) {
    const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (known.rowCount === 0) {
      const password = login?.password ? ` PASSWORD ${client.escapeLiteral(login.password)}` : '';
      statements.push(
        `CREATE ROLE ${role} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE ${login ? `LOGIN${password}` : 'NOLOGIN'}`,
      );
    }
    for (const user of login ? [] : users) {
      const { rows } = await client.query<RoleState>(
        `SELECT member.rolname AS name, CASE WHEN role.oid IS NULL THEN false ELSE pg_has_role(member.oid, role.oid, 'MEMBER') END AS is_member
         FROM pg_roles member LEFT JOIN pg_roles role ON role.rolname = $2 WHERE member.rolname = $1`,
        [user, role],
      );
      if (rows[0] && !rows[0].is_member) statements.push(`GRANT ${role} TO ${client.escapeIdentifier(user)}`);
    }
  }
  const right = await client.query<{ may: boolean }>(
    `SELECT coalesce((SELECT has_schema_privilege(oid, 'public', 'CREATE') AND has_schema_privilege(oid, 'public', 'USAGE')
       FROM pg_roles WHERE rolname = $1), false) AS may`,
    [ROLES.migrate],
  );
  if (!right.rows[0]?.may) statements.push(`GRANT CREATE, USAGE ON SCHEMA public TO ${ROLES.migrate}`);
  return statements;
}

/**
 * Row-level security is what keeps organisations apart, so the service does not start as a role that passes by it.
 *
 * @throws {RollcallError} `database.role_unsafe`, with the mend.
 */
export async function assertSafeRole(client: pg.ClientBase, role: 'app' | 'worker'): Promise<void> {
  const { rows } = await client.query<{ name: string; unsafe: boolean; owns: boolean }>(
    `SELECT rolname AS name, rolsuper OR rolbypassrls AS unsafe,
            pg_has_role(oid, (SELECT relowner FROM pg_class WHERE oid = to_regclass('public.person')), 'USAGE') AS owns
     FROM pg_roles WHERE rolname = current_user`,
  );
  const found = rows[0];
  if (found && !found.unsafe && !found.owns) return;
  const what = found?.owns && !found.unsafe ? 'owns the tables' : 'is a superuser or has BYPASSRLS';
  throw new RollcallError(
    'database.role_unsafe',
    `The database role ${found?.name ?? '(none)'} ${what}, so row-level security would not hold it; ` +
      `run ALTER ROLE ${found?.name ?? ROLES[role]} NOSUPERUSER NOBYPASSRLS, or give a DATABASE_URL whose user may SET ROLE ${ROLES[role]}.`,
  );
}
