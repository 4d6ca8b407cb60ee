import { dirname, join, resolve } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '../config/config.types.js';
import { Database } from './database.service.js';
import type { DatabaseSettings } from './open-database.js';
import { Secrets } from './secrets.service.js';

/** Hands the database and the secrets in it, opened before Nest is, to everybody. */
@Module({})
export class DatabaseModule {
  static of(database: Database, secrets: Secrets): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: Database, useValue: database },
        { provide: Secrets, useValue: secrets },
      ],
      exports: [Database, Secrets],
    };
  }
}

export function databaseSettings(config: Config): DatabaseSettings {
  return {
    ...config.database,
    folder: config.data.folder,
    // Beside the key: apart from the data, so that a data folder that is gone is missed.
    marker: join(dirname(resolve(config.secretKey.file)), 'data-folders'),
  };
}
