import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Id, PageQuery } from '../common/fields.js';
import { Answers, ShownOnce } from './answers.decorator.js';
import { ApiKeysPage, ApiKeyView, CreateApiKey, NewApiKeyView, ScopesView } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { SCOPES } from './auth.types.js';
import { Caller } from './caller.decorator.js';
import { Fresh, Requires } from './requires.decorator.js';

@ApiTags('API keys')
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @Requires('api-keys:write')
  @Fresh()
  @Answers(201, NewApiKeyView, 'Makes an API key and shows it, this once.')
  @ShownOnce()
  create(@Caller() caller: Caller, @Body({ schema: CreateApiKey }) body: CreateApiKey): Promise<NewApiKeyView> {
    return this.keys.create(caller, body);
  }

  @Get()
  @Requires('api-keys:read')
  @Answers(200, ApiKeysPage, 'Lists the API keys, newest first.')
  list(@Caller() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<ApiKeysPage> {
    return this.keys.list(caller.organisationId, query);
  }

  @Get('scopes')
  @Requires('api-keys:read')
  @Answers(200, ScopesView, 'Lists the scopes that a key can have, and what each allows.')
  scopes(): ScopesView {
    return { items: Object.entries(SCOPES).map(([scope, meaning]) => ({ scope, meaning })) };
  }

  @Get(':id')
  @Requires('api-keys:read')
  @Answers(200, ApiKeyView, 'Shows an API key, without the key itself.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ApiKeyView> {
    return this.keys.show(caller.organisationId, id);
  }

  @Delete(':id')
  @Requires('api-keys:write')
  @Answers(200, ApiKeyView, 'Revokes an API key at once.')
  revoke(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ApiKeyView> {
    return this.keys.revoke(caller.organisationId, id, contextOf(caller));
  }
}
