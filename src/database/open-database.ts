import pg from 'pg';
import { RollcallError } from '../common/errors.js';
import { Database, type Pools } from './database.service.js';
import { EmbeddedServer } from './embedded-server.js';
import { translate } from './errors.js';
import { migrate, readMigrations, type Migration } from './migrations.js';
import { clientConfig, openPool, type Addresses, type PoolLimits } from './pools.js';
import { Presence } from './presence.js';
import { assertSafeRole, ensureRoles, ROLES, type RoleName } from './roles.js';

export interface DatabaseSettings {
  /** A server of one's own; null for the embedded one. */
  url: string | null;
  migrateUrl: string | null;
  workerUrl: string | null;
  /** Folder of the embedded server. */
  folder: string;
  /** A file apart from that folder that remembers where there were data. */
  marker: string;
  poolSize: number;
  workerPoolSize: number;
  connectTimeoutMs: number;
  statementTimeoutMs: number;
  idleInTransactionMs: number;
}

/** Hears of faults that no caller hears of: an idle connection that broke, the embedded server gone. */
export type OnFault = (error: Error) => void;

const OLDEST_SERVER = 150_000;
const NAMES: readonly RoleName[] = ['migrate', 'app', 'worker'];

/** Opens the database that the settings name: starts the embedded one, makes roles, migrates, and checks that the roles are safe. */
export async function openDatabase(
  settings: DatabaseSettings,
  onFault: OnFault,
  migrations?: readonly Migration[],
): Promise<Database> {
  const embedded = settings.url === null ? await EmbeddedServer.start(settings.folder, settings.marker) : null;
  // Held all the while, so that the server is not stopped under us by another process that goes.
  const presence = embedded ? await Presence.take(embedded, onFault) : null;
  const leave = async (): Promise<void> => {
    await presence?.release();
    await embedded?.stopWhenAlone();
  };
  try {
    const addresses = embedded ? await embeddedAddresses(embedded) : serverAddresses(settings, settings.url ?? '');
    if (embedded) {
      await embedded.ensureDatabase('rollcall');
      await embedded.withClient('rollcall', (client) => ensureRoles(client, [], { password: embedded.rolePassword }));
    } else {
      await prepareServer(settings, addresses);
    }
    const pools = await openSchema(settings, addresses, onFault, migrations ?? (await readMigrations()));
    return new Database(pools, settings.statementTimeoutMs, leave);
  } catch (error) {
    await leave();
    throw translate(error);
  }
}

/** Migrates, then opens the pools. */
async function openSchema(
  settings: DatabaseSettings,
  addresses: Addresses,
  onFault: OnFault,
  migrations: readonly Migration[],
): Promise<Pools> {
  await withClient(
    clientConfig('migrate', addresses.migrate, { ...settings, idleInTransactionMs: 0 }),
    async (client) => {
      await assertVersion(client);
      await migrate(client, migrations);
    },
  );
  for (const role of ['app', 'worker'] as const) {
    await withClient(clientConfig(role, addresses[role], settings), (client) => assertSafeRole(client, role));
  }
  return openPools(settings, addresses, onFault);
}

export function openPools(settings: DatabaseSettings, addresses: Addresses, onFault: OnFault): Pools {
  const limits = (size: number): PoolLimits => ({ ...settings, size });
  return {
    migrate: openPool('migrate', addresses.migrate, limits(2), onFault),
    app: openPool('app', addresses.app, limits(settings.poolSize), onFault),
    worker: openPool('worker', addresses.worker, limits(settings.workerPoolSize), onFault),
  };
}

async function embeddedAddresses(embedded: EmbeddedServer): Promise<Addresses> {
  const [migrateUrl, app, worker] = await Promise.all(NAMES.map((role) => embedded.url(ROLES[role])));
  return {
    migrate: { url: migrateUrl ?? '', actsAsRole: false },
    app: { url: app ?? '', actsAsRole: false },
    worker: { url: worker ?? '', actsAsRole: false },
  };
}

function serverAddresses(settings: DatabaseSettings, url: string): Addresses {
  return {
    migrate: { url: settings.migrateUrl ?? url, actsAsRole: true },
    app: { url, actsAsRole: true },
    worker: { url: settings.workerUrl ?? url, actsAsRole: true },
  };
}

/** Before the roles exist nobody can act as one; so this connection is the plain user of the URL. */
async function prepareServer(settings: DatabaseSettings, addresses: Addresses): Promise<void> {
  const users = [
    ...new Set(NAMES.map((role) => new pg.Client({ connectionString: addresses[role].url }).user ?? '')),
  ].filter(Boolean);
  const plain = clientConfig(
    'migrate',
    { ...addresses.migrate, actsAsRole: false },
    { ...settings, idleInTransactionMs: 0 },
  );
  await withClient(plain, async (client) => {
    await assertVersion(client);
    await ensureRoles(client, users, null);
  });
}

async function assertVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>(`SELECT current_setting('server_version_num') AS version`);
  if (Number(rows[0]?.version ?? 0) >= OLDEST_SERVER) return;
  throw new RollcallError(
    'database.version_unsupported',
    `Rollcall needs PostgreSQL 15 or later; this server is ${rows[0]?.version ?? 'unknown'}.`,
  );
}

async function withClient(config: pg.ClientConfig, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(config);
  let fault: Error | undefined;
  client.on('error', (error) => (fault = error));
  try {
    await client.connect();
    await work(client);
  } catch (error) {
    throw fault ?? error;
  } finally {
    await client.end();
  }
}
