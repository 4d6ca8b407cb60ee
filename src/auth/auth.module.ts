import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import { StandardSchemaSerializerInterceptor, StandardSchemaValidationPipe } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuthGuard } from './auth.guard.js';
import { Authentication } from './authentication.service.js';
import { CrossSiteGuard } from './cross-site.guard.js';
import { FreshGuard } from './fresh.guard.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyRepository } from './idempotency.repository.js';
import { Idempotency } from './idempotency.service.js';
import { KeyInUrlMiddleware } from './key-in-url.middleware.js';
import { KnownInputGuard } from './known-input.guard.js';
import { OwnSessionsController } from './own-sessions.controller.js';
import { PeopleSessionsController } from './people-sessions.controller.js';
import { RateLimits } from './rate-limits.service.js';
import { SessionLookup } from './session-lookup.js';
import { SessionsInUse } from './sessions-in-use.service.js';
import { SessionsRepository } from './sessions.repository.js';
import { Sessions } from './sessions.service.js';
import { invalidInput } from '../common/invalid-input.js';

/** What stands before and behind every route: the guard, the schemas of what comes in and goes out, once-only POSTs. */
@Module({
  imports: [AuditModule],
  controllers: [ApiKeysController, OwnSessionsController, PeopleSessionsController],
  providers: [
    ApiKeysRepository,
    ApiKeysService,
    Authentication,
    Idempotency,
    IdempotencyRepository,
    SessionLookup,
    Sessions,
    SessionsInUse,
    SessionsRepository,
    { provide: RateLimits, useFactory: (config: Config) => new RateLimits(config.limits), inject: [CONFIG] },
    // In this order: what other sites sent is nobody's, and how fresh a session is shows once it is known.
    { provide: APP_GUARD, useClass: CrossSiteGuard },
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: FreshGuard },
    { provide: APP_GUARD, useClass: KnownInputGuard },
    { provide: APP_PIPE, useFactory: () => new StandardSchemaValidationPipe({ exceptionFactory: invalidInput }) },
    // The first is the outermost: what is kept for a repeated request is what left the second.
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    {
      provide: APP_INTERCEPTOR,
      useFactory: (reflector: Reflector) => new StandardSchemaSerializerInterceptor(reflector),
      inject: [Reflector],
    },
  ],
  exports: [ApiKeysService, Idempotency, SessionLookup, Sessions],
})
export class AuthModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(KeyInUrlMiddleware).forRoutes('{*all}');
  }
}
