import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { ForSetUp, Requires } from '../auth/requires.decorator.js';
import { KindsView } from './connections.dto.js';
import { ConnectionKindsService } from './connection-kinds.service.js';

@ApiTags('Connections')
@Controller('api/v1/connection-kinds')
export class ConnectionKindsController {
  constructor(private readonly kinds: ConnectionKindsService) {}

  @Get()
  @Requires('connections:read')
  @ForSetUp('directory')
  @Answers(200, KindsView, 'Lists the kinds of directory with the schemas of their settings and credentials.')
  list(): KindsView {
    return this.kinds.list();
  }
}
