import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AuthModule } from './auth/auth.module.js';
import { CommonModule } from './common/common.module.js';
import type { Clock } from './common/clock.js';
import { loggerParams } from './common/logging.js';
import { ConfigModule } from './config/config.module.js';
import type { Config } from './config/config.types.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { DatabaseModule } from './database/database.module.js';
import type { Store } from './database/open-store.js';
import { HealthModule } from './health/health.module.js';
import { ImportsModule } from './imports/imports.module.js';
import { InvitationsModule } from './invitations/invitations.module.js';
import { MailModule } from './mail/mail.module.js';
import { OperatorsModule } from './operators/operators.module.js';
import { OrganisationsModule } from './organisations/organisations.module.js';
import { RunsModule } from './runs/runs.module.js';
import { ScheduleModule } from './schedule/schedule.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { SsoModule } from './sso/sso.module.js';
import { WebModule } from './web/web.module.js';

/** What an application is made of besides its modules. */
export interface Parts {
  config: Config;
  store: Store;
  /** Another time than the store's: tests decide what time it is. */
  clock?: Clock;
}

@Module({})
export class AppModule {
  static of({ config, store, clock = store.clock }: Parts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(loggerParams(config.log)),
        CommonModule.of(clock),
        ConfigModule.of(config),
        DatabaseModule.of(store.database, store.secrets),
        AuthModule,
        OrganisationsModule,
        MailModule,
        OperatorsModule,
        ConnectionsModule,
        RunsModule,
        SsoModule,
        SignInModule,
        InvitationsModule,
        ImportsModule,
        ScheduleModule,
        WebModule,
        HealthModule,
      ],
    };
  }
}
