import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OperatorsModule } from '../operators/operators.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PeopleModule } from '../people/people.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SsoModule } from '../sso/sso.module.js';
import { Arrivals } from './arrivals.service.js';
import { EnteringRepository } from './entering.repository.js';
import { Entering } from './entering.service.js';
import { FactsRepository } from './facts.repository.js';
import { Facts } from './facts.service.js';
import { IdentitiesRepository } from './identities.repository.js';
import { Identities } from './identities.service.js';
import { Invited } from './invited.service.js';
import { Leaving } from './leaving.service.js';
import { LettingIn } from './letting-in.service.js';
import { GrowingDelay } from './links-delay.js';
import { FirstOperators } from './links-first.service.js';
import { LinkUse } from './links-use.service.js';
import { LinksAsking } from './links-asking.js';
import { LinksController } from './links.controller.js';
import { LinksRepository } from './links.repository.js';
import { Links } from './links.service.js';
import { PasskeyChallenges } from './passkeys-challenges.js';
import { PasskeysChallengesRepository } from './passkeys-challenges.repository.js';
import { PasskeyUse } from './passkeys-use.service.js';
import { PasskeysController } from './passkeys.controller.js';
import { PasskeysRepository } from './passkeys.repository.js';
import { PasskeysOfPeopleController } from './passkeys-of-people.controller.js';
import { PasskeysOfPeople } from './passkeys-of-people.service.js';
import { Passkeys } from './passkeys.service.js';
import { ProtocolController } from './protocol.controller.js';
import { SignInController } from './sign-in.controller.js';
import { Starting } from './starting.service.js';
import { SteppingUp } from './stepping-up.service.js';
import { WaysController } from './ways.controller.js';

/** Who gets in, by whatever way, and how they get out again. */
@Module({
  imports: [
    AuditModule,
    AuthModule,
    MailModule,
    OperatorsModule,
    OrganisationsModule,
    PeopleModule,
    RunsModule,
    SsoModule,
  ],
  controllers: [
    LinksController,
    PasskeysController,
    PasskeysOfPeopleController,
    ProtocolController,
    SignInController,
    WaysController,
  ],
  providers: [
    Arrivals,
    Entering,
    EnteringRepository,
    Facts,
    FactsRepository,
    FirstOperators,
    GrowingDelay,
    Identities,
    IdentitiesRepository,
    Invited,
    Leaving,
    LettingIn,
    LinkUse,
    Links,
    LinksAsking,
    LinksRepository,
    PasskeyChallenges,
    PasskeyUse,
    Passkeys,
    PasskeysChallengesRepository,
    PasskeysOfPeople,
    PasskeysRepository,
    Starting,
    SteppingUp,
  ],
  exports: [
    Entering,
    GrowingDelay,
    Invited,
    Links,
    PasskeyChallenges,
    PasskeyUse,
    Passkeys,
    PasskeysOfPeople,
    Starting,
  ],
})
export class SignInModule {}
