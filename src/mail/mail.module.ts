import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { MailsRepository } from './mails.repository.js';
import { Mails } from './mails.service.js';
import { MailWorker } from './mail.worker.js';
import { OperatorMailsController } from './operator-mails.controller.js';
import { OperatorMails } from './operator-mails.service.js';
import { SHOWN_LINKS, standardOutput } from './shown-links.js';
import { MAIL_TRANSPORT, smtpTransport } from './transport.js';

@Module({
  imports: [AuditModule],
  controllers: [OperatorMailsController],
  providers: [
    Mails,
    MailsRepository,
    MailWorker,
    OperatorMails,
    { provide: MAIL_TRANSPORT, useFactory: (config: Config) => smtpTransport(config), inject: [CONFIG] },
    { provide: SHOWN_LINKS, useValue: standardOutput },
  ],
  exports: [Mails],
})
export class MailModule {}
