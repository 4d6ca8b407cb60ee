import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PeopleModule } from '../people/people.module.js';
import { EnteringRepository } from './entering.repository.js';
import { Entering } from './entering.service.js';
import { GrowingDelay } from './links-delay.js';
import { FirstOperators } from './links-first.service.js';
import { LinkUse } from './links-use.service.js';
import { LinksController } from './links.controller.js';
import { LinksRepository } from './links.repository.js';
import { Links } from './links.service.js';
import { PasskeyChallenges } from './passkeys-challenges.js';
import { PasskeysChallengesRepository } from './passkeys-challenges.repository.js';
import { PasskeyUse } from './passkeys-use.service.js';
import { PasskeysController } from './passkeys.controller.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { Passkeys } from './passkeys.service.js';

/** Who gets in, by whatever way, and how they get out again. */
@Module({
  imports: [AuditModule, AuthModule, MailModule, OrganisationsModule, PeopleModule],
  controllers: [LinksController, PasskeysController],
  providers: [
    Entering,
    EnteringRepository,
    FirstOperators,
    GrowingDelay,
    LinkUse,
    Links,
    LinksRepository,
    PasskeyChallenges,
    PasskeyUse,
    Passkeys,
    PasskeysChallengesRepository,
    PasskeysRepository,
  ],
  exports: [Entering, Links, PasskeyChallenges, PasskeyUse, Passkeys],
})
export class SignInModule {}
