import { Module } from '@nestjs/common';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';
import { ChainRepository } from './chain.repository.js';
import { AuditChain } from './chain.service.js';
import { AuditExport } from './export.service.js';
import { AuditHeads } from './heads.service.js';
import { AuditVerifier } from './verify.service.js';

@Module({
  providers: [AuditRepository, AuditService, ChainRepository, AuditChain, AuditExport, AuditHeads, AuditVerifier],
  exports: [AuditService, AuditChain, AuditExport, AuditHeads, AuditVerifier],
})
export class AuditModule {}
