import type { Clock } from '../common/clock.js';
import { loadSecretKeys } from '../common/secret-key.js';
import type { Config } from '../config/config.types.js';
import { DatabaseClock } from './database-clock.js';
import { databaseSettings } from './database.module.js';
import type { Database } from './database.service.js';
import { openDatabase, type OnFault } from './open-database.js';
import { Secrets } from './secrets.service.js';

export interface Store {
  database: Database;
  secrets: Secrets;
  /** The time that all instances share. */
  clock: Clock;
}

/**
 * Opens everything that is kept: the database, migrated, and the key that opens the secrets in it. What former keys
 * sealed is sealed anew.
 *
 * @throws {RollcallError} of the families `database.` and `secret_key.`, with the mend; nothing is left open.
 */
export async function openStore(config: Config, onFault: OnFault): Promise<Store> {
  const database = await openDatabase(databaseSettings(config), onFault);
  try {
    const keys = await loadSecretKeys({ ...config.secretKey, dataFolder: config.data.folder }, () => hasData(database));
    const secrets = new Secrets(keys);
    await secrets.assertKnown(database);
    if (keys.previous.length > 0) await secrets.rewrap(database);
    const clock = new DatabaseClock(database);
    await clock.follow();
    return { database, secrets, clock };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function hasData(database: Database): Promise<boolean> {
  return (await database.asMigrate((tx) => tx.one<{ has: boolean }>('SELECT EXISTS (SELECT FROM organisation) AS has')))
    .has;
}
