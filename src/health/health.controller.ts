import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../auth/requires.decorator.js';
import { Health } from './health.service.js';

/** For whoever watches the process. Strangers learn nothing but yes or no. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('healthz')
  @Public('tells a stranger only that the process runs')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Public('tells a stranger only whether to send requests here')
  async ready(@Res({ passthrough: true }) response: Response): Promise<{ status: 'ok' | 'fail' }> {
    if (await this.health.isReady()) return { status: 'ok' };
    response.status(503);
    return { status: 'fail' };
  }
}
