import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PeopleModule } from '../people/people.module.js';
import { OperatorOrganisationsController } from './operator-organisations.controller.js';
import { OperatorOrganisationsRepository } from './operator-organisations.repository.js';
import { OperatorOrganisations } from './operator-organisations.service.js';
import { OperatorPeopleRepository } from './operator-people.repository.js';
import { OperatorPeople } from './operator-people.service.js';
import { OperatorsController } from './operators.controller.js';
import { OperatorsManaging } from './operators-managing.service.js';

/** What the operators of an installation do: its customers, and who is an operator. */
@Module({
  imports: [MailModule, OrganisationsModule, PeopleModule],
  controllers: [OperatorOrganisationsController, OperatorsController],
  providers: [
    ...[OperatorOrganisations, OperatorOrganisationsRepository],
    ...[OperatorPeople, OperatorPeopleRepository, OperatorsManaging],
  ],
  exports: [OperatorOrganisations, OperatorPeople, OperatorsManaging],
})
export class OperatorsModule {}
