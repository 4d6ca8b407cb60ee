import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, RequiresOperator } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { operatorContext } from './operator-context.js';
import { NamePerson, OperatorsList, OperatorView } from './operators.dto.js';
import { OperatorsManaging } from './operators-managing.service.js';

@ApiTags('Operators')
@Controller('api/v1/operator/operators')
export class OperatorsController {
  constructor(private readonly operators: OperatorsManaging) {}

  @Post()
  @RequiresOperator('operator:operators')
  @Fresh()
  @Answers(201, OperatorView, 'Makes somebody an operator; whoever they were signed in as ends.')
  add(@Caller() caller: Caller, @Body({ schema: NamePerson }) body: NamePerson): Promise<OperatorView> {
    return this.operators.add(body, operatorContext(caller));
  }

  @Get()
  @RequiresOperator('operator:operators')
  @Answers(200, OperatorsList, 'Lists the operators, by address.')
  list(): Promise<OperatorsList> {
    return this.operators.list();
  }

  @Delete(':personId')
  @RequiresOperator('operator:operators')
  @Fresh()
  @AnswersNothing('Ends somebody as operator; their sessions end at once.')
  end(@Caller() caller: Caller, @Param('personId', { schema: Id }) personId: Id): Promise<void> {
    return this.operators.end(personId, operatorContext(caller));
  }
}
