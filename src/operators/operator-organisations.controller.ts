import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, ShownOnce } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, RequiresOperator } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { DomainsService } from '../organisations/domains.service.js';
import { DomainView, MakeSetUpLink, NewSetUpLinkView } from '../organisations/organisations.types.js';
import { OrganisationDeletion } from '../organisations/organisation-deletion.service.js';
import { SetUpLinks } from '../organisations/set-up-links.service.js';
import { operatorContext } from './operator-context.js';
import {
  AskDeletion,
  CreateOrganisation,
  OperatorOrganisationsPage,
  OperatorOrganisationView,
  OrganisationsQuery,
  SwitchFeatures,
  VerifyDomain,
} from './operator-organisations.dto.js';
import { OperatorOrganisations } from './operator-organisations.service.js';
import { FirstAdminView, NamePerson } from './operators.dto.js';
import { OperatorsManaging } from './operators-managing.service.js';

@ApiTags('Operators')
@Controller('api/v1/operator/organisations')
export class OperatorOrganisationsController {
  constructor(
    private readonly organisations: OperatorOrganisations,
    private readonly domains: DomainsService,
    private readonly links: SetUpLinks,
    private readonly managing: OperatorsManaging,
    private readonly deletion: OrganisationDeletion,
  ) {}

  @Post()
  @RequiresOperator('operator:organisations')
  @Answers(201, OperatorOrganisationView, 'Makes an organisation.')
  create(
    @Caller() caller: Caller,
    @Body({ schema: CreateOrganisation }) body: CreateOrganisation,
  ): Promise<OperatorOrganisationView> {
    return this.organisations.create(body, operatorContext(caller));
  }

  @Get()
  @RequiresOperator('operator:organisations')
  @Answers(200, OperatorOrganisationsPage, 'Lists the organisations, by short name.')
  list(@Query({ schema: OrganisationsQuery }) query: OrganisationsQuery): Promise<OperatorOrganisationsPage> {
    return this.organisations.list(query);
  }

  @Get(':id')
  @RequiresOperator('operator:organisations')
  @Answers(200, OperatorOrganisationView, 'Shows an organisation: what is switched on, and counts.')
  show(@Param('id', { schema: Id }) id: Id): Promise<OperatorOrganisationView> {
    return this.organisations.show(id);
  }

  @Patch(':id')
  @RequiresOperator('operator:organisations')
  @Fresh()
  @Answers(200, OperatorOrganisationView, 'Renames an organisation, and switches features on and off.')
  change(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: SwitchFeatures }) body: SwitchFeatures,
  ): Promise<OperatorOrganisationView> {
    return this.organisations.change(id, body, operatorContext(caller));
  }

  @Post(':id/deletion')
  @RequiresOperator('operator:organisations')
  @Fresh()
  @Answers(
    200,
    OperatorOrganisationView,
    'Asks for the deletion of an organisation: closed at once, gone in seven days.',
  )
  async askDeletion(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: AskDeletion }) body: AskDeletion,
  ): Promise<OperatorOrganisationView> {
    await this.deletion.ask(id, body.slug, operatorContext(caller));
    return this.organisations.show(id);
  }

  @Delete(':id/deletion')
  @RequiresOperator('operator:organisations')
  @Answers(200, OperatorOrganisationView, 'Takes the deletion of an organisation back.')
  async stopDeletion(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<OperatorOrganisationView> {
    await this.deletion.stop(id, operatorContext(caller));
    return this.organisations.show(id);
  }

  @Post(':id/domains')
  @RequiresOperator('operator:domains')
  @Fresh()
  @Answers(201, DomainView, 'Verifies a domain of an organisation by hand.')
  verifyDomain(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: VerifyDomain }) body: VerifyDomain,
  ): Promise<DomainView> {
    return this.domains.verifyAsOperator(id, body.name, body.reason, operatorContext(caller));
  }

  @Post(':id/set-up-links')
  @RequiresOperator('operator:organisations')
  @Fresh()
  @Answers(201, NewSetUpLinkView, 'Makes a set-up link for an organisation and shows it, this once.')
  @ShownOnce()
  makeSetUpLink(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: MakeSetUpLink }) body: MakeSetUpLink,
  ): Promise<NewSetUpLinkView> {
    return this.links.make(id, body, operatorContext(caller));
  }

  @Post(':id/first-admin')
  @RequiresOperator('operator:organisations')
  @Fresh()
  @Answers(
    201,
    FirstAdminView,
    'Makes somebody the first admin of an organisation, and tells them by mail where to sign in.',
  )
  firstAdmin(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: NamePerson }) body: NamePerson,
  ): Promise<FirstAdminView> {
    return this.managing.firstAdmin(id, body, operatorContext(caller));
  }
}
