import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { ForSetUp, Fresh, Requires } from '../auth/requires.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import { DomainChecks } from './domain-checks.service.js';
import { AddDomain, DomainsPage, DomainView } from './domains.dto.js';
import { DomainsService } from './domains.service.js';

@ApiTags('Domains')
@Controller('api/v1/domains')
export class DomainsController {
  constructor(
    private readonly domains: DomainsService,
    private readonly checks: DomainChecks,
  ) {}

  @Post()
  @Requires('organisation:write')
  @Fresh()
  @ForSetUp('sso')
  @Answers(201, DomainView, 'Names a domain of the organisation; it is not verified by that.')
  add(@Caller() caller: Caller, @Body({ schema: AddDomain }) body: AddDomain): Promise<DomainView> {
    return this.domains.add(caller.organisationId, body.name, contextOf(caller), caller.setUp && caller.credentialId);
  }

  @Get()
  @Requires('organisation:read')
  @ForSetUp('sso')
  @Answers(200, DomainsPage, 'Lists the domains of the organisation, by name.')
  list(@Caller() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<DomainsPage> {
    return this.domains.list(caller.organisationId, query);
  }

  @Get(':id')
  @Requires('organisation:read')
  @ForSetUp('sso', 'id')
  @Answers(200, DomainView, 'Shows a domain.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<DomainView> {
    return this.domains.show(caller.organisationId, id);
  }

  @Post(':id/check')
  @Requires('organisation:write')
  @ForSetUp('sso', 'id')
  @Answers(200, DomainView, 'Looks in the DNS for the record of a domain, and verifies the domain when it is there.')
  check(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<DomainView> {
    return this.checks.check(caller.organisationId, id, contextOf(caller));
  }

  @Delete(':id')
  @Requires('organisation:write')
  @AnswersNothing('Removes a domain: addresses there link to nobody by themselves any more.')
  remove(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.domains.remove(caller.organisationId, id, contextOf(caller));
  }
}
