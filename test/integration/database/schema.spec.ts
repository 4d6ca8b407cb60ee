import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';

/** Tables that belong to the installation and to no organisation. */
const OF_THE_INSTALLATION = [
  '_prisma_migrations',
  'installation',
  'instance',
  'invited_address',
  'link_request',
  'organisation',
  'passkey_challenge',
];

describe('the schema', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(() => test.close());

  const look = <Row extends object>(text: string, values: unknown[] = []) =>
    test.database.asMigrate((tx) => tx.query<Row>(text, values));

  it('is the same in the migrations and in schema.prisma, as Prisma itself compares them', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['tools/db-diff.mjs']);
    expect(stdout.trim()).toBe('-- The migrations and prisma/schema.prisma agree.');
  });

  it('T-01 (rule 5): every table of tenants has organisation_id, never null', async () => {
    const tables = await look<{ name: string; notNull: boolean | null }>(
      `SELECT c.relname AS name, a.attnotnull AS not_null FROM pg_class c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
    );
    const tenants = tables.filter(({ name }) => !OF_THE_INSTALLATION.includes(name));
    expect(tenants.length).toBeGreaterThan(20);
    expect(tenants.filter(({ notNull }) => notNull !== true)).toEqual([]);
  });

  it('T-01 (rule 5): every table of tenants has row-level security, also for its owner, on reading and on writing', async () => {
    const open = await look<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         AND (c.relname = 'organisation' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organisation_id'))
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
           SELECT FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname AND p.roles = '{rollcall_app}' AND p.cmd = 'ALL'
             AND p.qual LIKE '%rollcall.organisation_id%' AND p.with_check LIKE '%rollcall.organisation_id%'))`,
    );
    expect(open).toEqual([]);
  });

  it('T-01 (rule 5): no policy of the app role is open to more than one organisation', async () => {
    const wide = await look<{ tablename: string; policyname: string }>(
      `SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND roles && '{rollcall_app,public}'
         AND (coalesce(qual, '') NOT LIKE '%rollcall.organisation_id%')`,
    );
    expect(wide).toEqual([]);
  });

  it('T-01 (rule 5): keys, foreign keys between tables of tenants, and unique indexes begin with the organisation', async () => {
    const loose = await look<{ table: string; name: string }>(
      `SELECT c.conrelid::regclass::text AS table, c.conname AS name FROM pg_constraint c
       JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attname = 'organisation_id'
       LEFT JOIN pg_attribute theirs ON theirs.attrelid = c.confrelid AND theirs.attname = 'organisation_id'
       WHERE c.connamespace = 'public'::regnamespace
         AND ((c.contype = 'f' AND theirs.attnum IS NOT NULL AND NOT (own.attnum = ANY (c.conkey) AND theirs.attnum = ANY (c.confkey)))
           OR (c.contype = 'p' AND c.conkey[1] <> own.attnum))`,
    );
    expect(loose).toEqual([]);
    const across = await look<{ name: string }>(
      `SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'organisation_id'
       JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND a.attnum <> ALL (i.indkey::int2[]) ORDER BY 1`,
    );
    // A digest is looked up before its organisation is known; a verified domain belongs to one organisation only.
    expect(across.map(({ name }) => name)).toEqual(['api_key_lookup_key', 'domain_verified_once']);
  });

  it('keeps text in the order of its bytes, so that indexes serve under row-level security', async () => {
    const other = await look<{ table: string; column: string }>(
      `SELECT a.attrelid::regclass::text AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       JOIN pg_collation o ON o.oid = a.attcollation
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.atttypid = 'text'::regtype AND o.collname <> 'C'
         AND c.relname <> '_prisma_migrations'`,
    );
    expect(other).toEqual([]);
  });

  it('G-03: the app role may add to the audit and to the events, and change neither', async () => {
    const rights = await look<{ table: string; right: string }>(
      `SELECT t AS table, r AS right FROM unnest(ARRAY['audit_entry', 'event']) t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) r
       WHERE has_table_privilege('rollcall_app', t, r) ORDER BY 1, 2`,
    );
    expect(rights.map(({ table, right }) => `${table} ${right}`)).toEqual([
      'audit_entry INSERT',
      'audit_entry SELECT',
      'event INSERT',
      'event SELECT',
    ]);
  });

  it('T-02: none of the three roles is a superuser, passes by row-level security, or makes others', async () => {
    const roles = await look<{ name: string; strong: boolean }>(
      `SELECT rolname AS name, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS strong
       FROM pg_roles WHERE rolname LIKE 'rollcall\\_%' ORDER BY 1`,
    );
    expect(roles).toEqual(
      ['rollcall_app', 'rollcall_migrate', 'rollcall_worker'].map((name) => ({ name, strong: false })),
    );
  });

  // A request for a link holds the address that somebody typed, for minutes, and of no organisation.
  it('the worker reads the columns of due work, figures, digests of keys, who is an operator, and not one of a person', async () => {
    const may = await look<{ table: string }>(
      `SELECT c.relname AS table FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
         AND has_any_column_privilege('rollcall_worker', c.oid, 'SELECT') ORDER BY 1`,
    );
    expect(may.map(({ table }) => table)).toEqual([
      '_prisma_migrations',
      'api_key',
      'conflict',
      'connection',
      'domain',
      'hold',
      'hold_member',
      'identity_provider',
      'installation',
      'instance',
      'invitation',
      'invited_address',
      'link_request',
      'mail',
      'notice',
      'operator',
      'organisation',
      'passkey_challenge',
      'run',
    ]);
    const columns = await look<{ column: string }>(
      `SELECT a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relname IN ('conflict', 'connection', 'domain', 'hold', 'hold_member', 'identity_provider', 'invitation', 'mail', 'notice') AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attname ~ '(name|email|message|detail|external_id|person_id|reason|credentials|cursor|cause|token|secret|issuer|client|recipient|body|problem)'
          AND (c.relname, a.attname) NOT IN (('domain', 'name'), ('connection', 'lease_token'))
          AND has_column_privilege('rollcall_worker', c.oid, a.attname, 'SELECT')`,
    );
    expect(columns).toEqual([]);
  });
});
