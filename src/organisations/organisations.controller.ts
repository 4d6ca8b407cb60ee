import { Body, Controller, Get, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { OrganisationView, UpdateOrganisation } from './organisations.dto.js';
import { OrganisationsService } from './organisations.service.js';
import { StopOrder } from './organisations.types.js';

/** The one organisation of the credential: no address names another. */
@ApiTags('Organisation')
@Controller('api/v1/organisation')
export class OrganisationsController {
  constructor(private readonly organisations: OrganisationsService) {}

  @Get()
  @Requires('organisation:read')
  @Answers(200, OrganisationView, 'Shows the organisation and its settings.')
  show(@Caller() caller: Caller): Promise<OrganisationView> {
    return this.organisations.show(caller.organisationId);
  }

  @Patch()
  @Requires('organisation:write')
  @Answers(200, OrganisationView, 'Changes settings of the organisation.')
  update(
    @Caller() caller: Caller,
    @Body({ schema: UpdateOrganisation }) body: UpdateOrganisation,
  ): Promise<OrganisationView> {
    return this.organisations.update(caller, body);
  }

  @Post('stop')
  @Requires('organisation:write')
  @Answers(200, OrganisationView, 'Stops all syncs of the organisation at their next batch.')
  stop(@Caller() caller: Caller, @Body({ schema: StopOrder }) body: StopOrder): Promise<OrganisationView> {
    return this.organisations.stop(caller.organisationId, body.reason, contextOf(caller));
  }

  @Post('resume')
  @Requires('organisation:write')
  @Answers(200, OrganisationView, 'Lets the syncs of the organisation run again.')
  resume(@Caller() caller: Caller): Promise<OrganisationView> {
    return this.organisations.resume(caller.organisationId, contextOf(caller));
  }
}
