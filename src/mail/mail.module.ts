import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { MailPreview } from './mail-preview.service.js';
import { MailSettingsController } from './mail-settings.controller.js';
import { MailSettingsRepository } from './mail-settings.repository.js';
import { MailSettings } from './mail-settings.service.js';
import { MailsRepository } from './mails.repository.js';
import { Mails } from './mails.service.js';
import { MailWorker } from './mail.worker.js';
import { OperatorMailsController } from './operator-mails.controller.js';
import { OperatorMails } from './operator-mails.service.js';
import { SHOWN_LINKS, standardOutput } from './shown-links.js';
import { MAIL_TRANSPORT, smtpTransport } from './transport.js';

@Module({
  imports: [AuditModule],
  controllers: [OperatorMailsController, MailSettingsController],
  providers: [
    Mails,
    MailsRepository,
    MailWorker,
    MailPreview,
    MailSettings,
    MailSettingsRepository,
    OperatorMails,
    { provide: MAIL_TRANSPORT, useFactory: (config: Config) => smtpTransport(config), inject: [CONFIG] },
    { provide: SHOWN_LINKS, useValue: standardOutput },
  ],
  exports: [Mails, MailPreview, MailSettings],
})
export class MailModule {}
