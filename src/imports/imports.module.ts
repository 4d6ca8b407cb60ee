import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { FrameworksModule } from '../frameworks/frameworks.module.js';
import { InvitationsModule } from '../invitations/invitations.module.js';
import { MailModule } from '../mail/mail.module.js';
import { PeopleModule } from '../people/people.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { FileBytes } from './file-bytes.service.js';
import { FilePlanner } from './file-planner.service.js';
import { ImportFiles } from './import-files.service.js';
import { ImportKind } from './import-kind.service.js';
import { ImportsController } from './imports.controller.js';
import { ImportsRepository } from './imports.repository.js';
import { Imports } from './imports.service.js';
import { Previews } from './previews.service.js';
import { Uploads } from './uploads.service.js';

/** Files of people: upload, preview, confirm, report. */
@Module({
  imports: [AuditModule, AuthModule, FrameworksModule, InvitationsModule, MailModule, PeopleModule, RunsModule],
  controllers: [ImportsController],
  providers: [FileBytes, FilePlanner, ImportFiles, ImportKind, Imports, ImportsRepository, Previews, Uploads],
  exports: [Imports, ImportFiles, Uploads],
})
export class ImportsModule {}
