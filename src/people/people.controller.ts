import { Body, Controller, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import {
  CreatePerson,
  EditPerson,
  ManyPeople,
  ManyResultsView,
  PeopleCountsView,
  PeoplePage,
  PeopleQuery,
  PersonDetailView,
  SwitchPerson,
} from './people.dto.js';
import { PeopleEditing } from './people-editing.service.js';
import { PeopleLifecycle } from './people-lifecycle.service.js';
import { PeopleService } from './people.service.js';

@ApiTags('People')
@Controller('api/v1/people')
export class PeopleController {
  constructor(
    private readonly people: PeopleService,
    private readonly editing: PeopleEditing,
    private readonly lifecycle: PeopleLifecycle,
  ) {}

  @Get()
  @Requires('people:read')
  @Answers(200, PeoplePage, 'Lists people: filtered, searched by beginnings of words, sorted.')
  list(@Caller() caller: Caller, @Query({ schema: PeopleQuery }) query: PeopleQuery): Promise<PeoplePage> {
    return this.people.list(caller.organisationId, query);
  }

  @Post()
  @Requires('people:write')
  @Answers(201, PersonDetailView, 'Adds a person by hand.')
  create(@Caller() caller: Caller, @Body({ schema: CreatePerson }) body: CreatePerson): Promise<PersonDetailView> {
    return this.editing.create(caller, body);
  }

  @Get('counts')
  @Requires('people:read')
  @Answers(200, PeopleCountsView, 'Counts people by state.')
  counts(@Caller() caller: Caller): Promise<PeopleCountsView> {
    return this.people.counts(caller.organisationId);
  }

  @Post('archive')
  @Requires('people:write')
  @Answers(200, ManyResultsView, 'Archives several people at once, each by itself.')
  archiveMany(@Caller() caller: Caller, @Body({ schema: ManyPeople }) body: ManyPeople): Promise<ManyResultsView> {
    return this.lifecycle.archiveMany(caller, body.ids);
  }

  @Post('restore')
  @Requires('people:write')
  @Answers(200, ManyResultsView, 'Brings several people back, each by itself.')
  restoreMany(@Caller() caller: Caller, @Body({ schema: ManyPeople }) body: ManyPeople): Promise<ManyResultsView> {
    return this.lifecycle.restoreMany(caller, body.ids);
  }

  @Get(':id')
  @Requires('people:read')
  @Answers(200, PersonDetailView, 'Shows a person, and which fields a directory keeps in step.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<PersonDetailView> {
    return this.people.show(caller.organisationId, id);
  }

  @Patch(':id')
  @Requires('people:write')
  @Answers(200, PersonDetailView, 'Edits the fields of a person that no directory keeps in step.')
  edit(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: EditPerson }) body: EditPerson,
  ): Promise<PersonDetailView> {
    return this.editing.edit(caller, id, body);
  }

  @Post(':id/archive')
  @Requires('people:write')
  @Answers(200, PersonDetailView, 'Archives a person at once, whatever a hold says.')
  archive(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<PersonDetailView> {
    return this.lifecycle.archive(caller, id);
  }

  @Post(':id/restore')
  @Requires('people:write')
  @Answers(
    200,
    PersonDetailView,
    'Brings a person back, and keeps the directory from archiving them again for the same.',
  )
  restore(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<PersonDetailView> {
    return this.lifecycle.restore(caller, id);
  }

  @Put(':id/admin')
  @Requires('people:admin')
  @Fresh()
  @Answers(200, PersonDetailView, 'Makes a person an admin, or no admin any more.')
  switchAdmin(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: SwitchPerson }) body: SwitchPerson,
  ): Promise<PersonDetailView> {
    return this.editing.switchAdmin(caller, id, body);
  }

  @Put(':id/protected')
  @Requires('people:admin')
  @Fresh()
  @Answers(200, PersonDetailView, 'Protects a person from being archived by a sync, or no more.')
  switchProtected(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: SwitchPerson }) body: SwitchPerson,
  ): Promise<PersonDetailView> {
    return this.editing.switchProtected(caller, id, body);
  }
}
