import pg from 'pg';
import { ROLES, type RoleName } from './roles.js';
import { TYPES } from './rows.js';

/** How to reach a database as one of the roles. */
export interface Address {
  /** A URL, or a socket with a user of its own for each role. */
  url: string;
  /** True when `url` names a user that takes on the role, false when it is the role itself. */
  actsAsRole: boolean;
}

export type Addresses = Record<RoleName, Address>;

export interface PoolLimits {
  size: number;
  connectTimeoutMs: number;
  /** A transaction that does nothing for so long is ended by the server. */
  idleInTransactionMs: number;
}

function startupOptions(role: RoleName, address: Address, idleInTransactionMs: number): string {
  const settings = [
    'TimeZone=UTC',
    'DateStyle=ISO',
    'search_path=public',
    'jit=off',
    // What is looked up by key is mostly in memory, or on a disk without arms.
    'random_page_cost=1.1',
    `idle_in_transaction_session_timeout=${idleInTransactionMs}`,
  ];
  if (address.actsAsRole) settings.push(`role=${ROLES[role]}`);
  return settings.map((setting) => `-c ${setting}`).join(' ');
}

export function clientConfig(role: RoleName, address: Address, limits: Omit<PoolLimits, 'size'>): pg.ClientConfig {
  return {
    connectionString: address.url,
    application_name: 'rollcall',
    options: startupOptions(role, address, limits.idleInTransactionMs),
    connectionTimeoutMillis: limits.connectTimeoutMs,
    keepAlive: true,
    types: TYPES,
  };
}

/** A pool that outlives its connections: one that breaks while idle is dropped and told to `onFault`. */
export function openPool(
  role: RoleName,
  address: Address,
  limits: PoolLimits,
  onFault: (error: Error) => void,
): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(role, address, limits), max: limits.size, idleTimeoutMillis: 30_000 });
  pool.on('error', onFault);
  // A connection may die in the moment in which it changes hands, when nobody else listens: unheard, that ends the process. The
  // fault itself is told by the statement that fails, or by the pool.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
