import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { MailsRepository } from './mails.repository.js';
import { Mails } from './mails.service.js';
import { MailWorker } from './mail.worker.js';
import { SHOWN_LINKS, standardOutput } from './shown-links.js';
import { MAIL_TRANSPORT, smtpTransport } from './transport.js';

@Module({
  imports: [AuditModule],
  providers: [
    Mails,
    MailsRepository,
    MailWorker,
    { provide: MAIL_TRANSPORT, useFactory: (config: Config) => smtpTransport(config), inject: [CONFIG] },
    { provide: SHOWN_LINKS, useValue: standardOutput },
  ],
  exports: [Mails],
})
export class MailModule {}
