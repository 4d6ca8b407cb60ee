import { Body, Controller, HttpCode, Logger, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { z } from 'zod';
import { Public } from '../auth/requires.decorator.js';
import { CspReports, violationsIn } from './csp-reports.js';

/** browsers tell what a page tried and was not allowed to. It is logged, and nothing of it is believed. */
@ApiExcludeController()
@Controller('csp-reports')
export class CspReportsController {
  private readonly logger = new Logger(CspReportsController.name);

  @Post()
  @HttpCode(204)
  @Public('browsers send reports by themselves, whoever is signed in')
  report(@Body({ schema: CspReports }) body: z.infer<typeof CspReports>): void {
    for (const violation of violationsIn(body)) this.logger.warn(violation, 'a page tried what its policy forbids');
  }
}
