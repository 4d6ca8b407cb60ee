import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { EnteringRepository } from './entering.repository.js';
import { Entering } from './entering.service.js';

/** Who gets in, by whatever way, and how they get out again. */
@Module({
  imports: [AuditModule, AuthModule],
  providers: [Entering, EnteringRepository],
  exports: [Entering],
})
export class SignInModule {}
