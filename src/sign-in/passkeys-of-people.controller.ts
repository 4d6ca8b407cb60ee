import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller, Visitor } from '../auth/caller.decorator.js';
import { deviceOf } from '../auth/device.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { PasskeysOfPeople } from './passkeys-of-people.service.js';
import { PasskeysList } from './passkeys.dto.js';

@ApiTags('Passkeys')
@Controller('api/v1/people/:id/passkeys')
export class PasskeysOfPeopleController {
  constructor(private readonly passkeys: PasskeysOfPeople) {}

  @Get()
  @Requires('sign-in:read')
  @Answers(200, PasskeysList, 'Lists the passkeys of a person, oldest first.')
  list(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<PasskeysList> {
    return this.passkeys.list(caller, id);
  }

  @Delete(':passkeyId')
  @Requires('sign-in:write')
  @Fresh()
  @AnswersNothing('Removes a passkey of a person, as of a device that is lost; their sessions end.')
  remove(
    @Caller() caller: Caller,
    @Visitor() { userAgent }: Visitor,
    @Param('id', { schema: Id }) id: Id,
    @Param('passkeyId', { schema: Id }) passkeyId: Id,
  ): Promise<void> {
    return this.passkeys.remove(caller, id, passkeyId, deviceOf(userAgent));
  }
}
