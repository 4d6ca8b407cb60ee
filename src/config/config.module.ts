import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from './config.schema.js';
import { CONFIG } from './config.types.js';

/** Hands the configuration to everybody: `@Inject(CONFIG) private readonly config: Config`. */
@Module({})
export class ConfigModule {
  static of(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}
