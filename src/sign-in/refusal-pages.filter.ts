import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { PAGES, type Pages } from '../common/page.types.js';
import { expectedError, statusOf } from '../common/problem.filter.js';
import { refusalIn } from './refusals.js';

const OUR_FAULT = 'Something went wrong here. Try again; if it goes on, tell your admin the code of this request.';

/** What goes wrong where a browser is sent to by others is said on a page. */
@Catch()
export class RefusalPages implements ExceptionFilter {
  private readonly logger = new Logger('SignIn');

  constructor(@Inject(PAGES) private readonly pages: Pages) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request & { id?: unknown }>();
    const response = http.getResponse<Response>();
    const error = expectedError(thrown);
    if (error.kind === 'internal') this.logger.error({ err: thrown }, 'a sign-in failed');
    if (response.headersSent) return void response.destroy();
    const retryAfter = error.details?.['retryAfterSeconds'];
    if (typeof retryAfter === 'number') response.setHeader('Retry-After', String(Math.ceil(retryAfter)));
    this.pages.refusal(response, {
      status: statusOf(error),
      code: refusalIn(error) ?? error.code.replace(/^sign_in\./u, ''),
      sentence: error.kind === 'internal' ? OUR_FAULT : error.message,
      requestId: typeof request.id === 'string' ? request.id : '',
    });
  }
}
