import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { FrameworksModule } from '../frameworks/frameworks.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PeopleModule } from '../people/people.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { SsoModule } from '../sso/sso.module.js';
import { InvitationAccepting } from './accepting.service.js';
import { Dispatch } from './dispatch.service.js';
import { InvitationsDoor } from './door.service.js';
import { InvitationController } from './invitation.controller.js';
import { InvitationsController } from './invitations.controller.js';
import { InvitationsRepository } from './invitations.repository.js';
import { Invitations } from './invitations.service.js';
import { Inviting } from './inviting.service.js';
import { Judging } from './judging.service.js';
import { InvitationLimitsRepository } from './limits.repository.js';
import { InvitationLimits } from './limits.service.js';
import { InvitationLinksRepository } from './links.repository.js';
import { InvitationLinks } from './links.service.js';
import { InvitationsManaging } from './managing.service.js';
import { InvitationsReading } from './reading.service.js';
import { InvitationsSending } from './sending.service.js';

/** Inviting people by mail, by hand or for a file of people. */
@Module({
  imports: [
    AuditModule,
    AuthModule,
    FrameworksModule,
    MailModule,
    OrganisationsModule,
    PeopleModule,
    SignInModule,
    SsoModule,
  ],
  controllers: [InvitationController, InvitationsController],
  providers: [
    Dispatch,
    InvitationAccepting,
    InvitationLimits,
    InvitationLimitsRepository,
    InvitationLinks,
    InvitationLinksRepository,
    Invitations,
    InvitationsDoor,
    InvitationsManaging,
    InvitationsReading,
    InvitationsRepository,
    InvitationsSending,
    Inviting,
    Judging,
  ],
  exports: [Dispatch, Invitations, Inviting],
})
export class InvitationsModule {}
