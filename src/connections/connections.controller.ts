import { Body, Controller, Get, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { ForSetUp, Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { StopOrder } from '../organisations/organisations.types.js';
import { AttributesService } from './attributes.service.js';
import {
  AttributesView,
  ConnectionsList,
  ConnectionView,
  CreateConnection,
  ListAttributes,
  MoveConnection,
  SetCredentials,
  SetUpView,
  TestView,
  UpdateConnection,
} from './connections.dto.js';
import { ConnectionsService } from './connections.service.js';
import { ConnectorsService } from './connectors.service.js';

@ApiTags('Connections')
@Controller('api/v1/connections')
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly connectors: ConnectorsService,
    private readonly attributes: AttributesService,
  ) {}

  @Post()
  @Requires('connections:write')
  @ForSetUp('directory')
  @Fresh()
  @Answers(201, ConnectionView, 'Makes a connection to a directory; nothing is read before it is asked for.')
  create(
    @Caller() caller: Caller,
    @Body({ schema: CreateConnection }) body: CreateConnection,
  ): Promise<ConnectionView> {
    return this.connections.create(caller.organisationId, body, contextOf(caller), caller);
  }

  @Get()
  @Requires('connections:read')
  @ForSetUp('directory')
  @Answers(200, ConnectionsList, 'Lists the connections with their health, the one that decides first.')
  list(@Caller() caller: Caller): Promise<ConnectionsList> {
    return this.connections.list(caller.organisationId, caller.setUp);
  }

  @Get(':id')
  @Requires('connections:read')
  @ForSetUp('directory', 'id')
  @Answers(200, ConnectionView, 'Shows a connection with its settings and health.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ConnectionView> {
    return this.connections.show(caller.organisationId, id);
  }

  @Patch(':id')
  @Requires('connections:write')
  @ForSetUp('directory', 'id')
  @Fresh()
  @Answers(200, ConnectionView, 'Changes settings; a change of scope, mapping or policy makes the next run a preview.')
  update(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: UpdateConnection }) body: UpdateConnection,
  ): Promise<ConnectionView> {
    return this.connections.update(caller.organisationId, id, body, contextOf(caller));
  }

  @Put(':id/credentials')
  @Requires('connections:write')
  @ForSetUp('directory', 'id')
  @Fresh()
  @Answers(200, ConnectionView, 'Sets the credentials, or has a key pair made; secrets are never shown again.')
  setCredentials(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: SetCredentials }) body: SetCredentials,
  ): Promise<ConnectionView> {
    return this.connections.setCredentials(caller.organisationId, id, body.credentials, contextOf(caller));
  }

  @Get(':id/set-up-steps')
  @Requires('connections:read')
  @ForSetUp('directory', 'id')
  @Answers(200, SetUpView, 'Shows what to do in the directory’s own console, with the values to copy.')
  setUpSteps(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<SetUpView> {
    return this.connectors.setUpSteps(caller.organisationId, id);
  }

  @Post(':id/test')
  @Requires('connections:write')
  @ForSetUp('directory', 'id')
  @Answers(200, TestView, 'Tries everything that a sync needs and says what works and what to mend.')
  test(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<TestView> {
    return this.connectors.test(caller.organisationId, id, contextOf(caller));
  }

  @Post(':id/attributes')
  @Requires('connections:write')
  @ForSetUp('directory', 'id')
  @Answers(200, AttributesView, 'Lists what a mapping can name: the directory’s attributes, custom ones included.')
  listAttributes(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: ListAttributes }) body: ListAttributes,
  ): Promise<AttributesView> {
    return this.attributes.list(caller.organisationId, id, body, contextOf(caller));
  }

  @Post(':id/move')
  @Requires('connections:write')
  @Answers(200, ConnectionsList, 'Moves a connection in the order of who decides.')
  move(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: MoveConnection }) body: MoveConnection,
  ): Promise<ConnectionsList> {
    return this.connections.move(caller.organisationId, id, body.rank, contextOf(caller));
  }

  @Post(':id/pause')
  @Requires('connections:write')
  @Answers(200, ConnectionView, 'Pauses a connection: no scheduled runs until it is resumed.')
  pause(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ConnectionView> {
    return this.connections.pause(caller.organisationId, id, contextOf(caller));
  }

  @Post(':id/resume')
  @Requires('connections:write')
  @Answers(200, ConnectionView, 'Resumes a paused connection.')
  resume(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ConnectionView> {
    return this.connections.resume(caller.organisationId, id, contextOf(caller));
  }

  @Post(':id/stop')
  @Requires('connections:write')
  @Answers(200, ConnectionView, 'Stops a connection at its next batch, even in the middle of a run.')
  stop(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: StopOrder }) body: StopOrder,
  ): Promise<ConnectionView> {
    return this.connections.stop(caller.organisationId, id, body.reason, contextOf(caller));
  }

  @Post(':id/unstop')
  @Requires('connections:write')
  @Answers(200, ConnectionView, 'Releases the stop switch of a connection.')
  unstop(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ConnectionView> {
    return this.connections.unstop(caller.organisationId, id, contextOf(caller));
  }
}
