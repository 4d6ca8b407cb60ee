// Prisma's own schema engine, as WebAssembly from npm, tells what is missing between the migrations and
// prisma/schema.prisma. Its shadow database is an in-memory PGlite: no server, nothing to clean up.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';

const SCHEMA = 'prisma/schema.prisma';
const MIGRATIONS = 'prisma/migrations';
/** The migrations grant to these and write policies for them; a server's own start makes them. */
const ROLES = ['rollcall_migrate', 'rollcall_app', 'rollcall_worker'];

globalThis.PRISMA_WASM_PANIC_REGISTRY ??= {
  message: '',
  get() {
    return this.message;
  },
  set_message(message) {
    this.message = `RuntimeError: ${message}`;
  },
};

async function load() {
  const path = fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')).replace(
    /\.js$/,
    '.wasm',
  );
  const { instance } = await WebAssembly.instantiate(readFileSync(path), { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

class Shadow {
  provider = 'postgres';
  adapterName = '@prisma/adapter-pg';

  async connect() {
    const database = await PGlite.create();
    for (const role of ROLES) await database.exec(`CREATE ROLE ${role}`);
    const adapter = await new PrismaPGlite(database).connect();
    adapter.executeScript = async (sql) => {
      await database.exec(sql);
    };
    return adapter;
  }

  connectToShadowDb() {
    return this.connect();
  }
}

function migrations() {
  const names = readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return {
    tag: 'migrations',
    baseDir: MIGRATIONS,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(`${MIGRATIONS}/migration_lock.toml`, 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: names.sort().map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(`${MIGRATIONS}/${name}/migration.sql`, 'utf8') },
      },
    })),
  };
}

/** The SQL from `from` (the migrations, or nothing) to the schema; empty when they agree. */
export async function diff(from = 'migrations') {
  await load();
  const content = readFileSync(SCHEMA, 'utf8');
  const opened = await engine.SchemaEngine.new(
    { datamodels: [['schema.prisma', content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new Shadow()),
  );
  const answer = await opened.diff({
    from: from === 'empty' ? { tag: 'empty' } : migrations(),
    to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  });
  return answer.exitCode === 0 ? '' : (answer.stdout ?? '').trim();
}
