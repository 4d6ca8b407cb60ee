import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../auth/requires.decorator.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';

/** RFC 9116 asks for less than a year, so that nobody writes to where nobody reads any more. */
const GOOD_FOR_DAYS = 90;

/** where whoever found a fault can tell the people who run this installation. */
@ApiExcludeController()
@Controller('.well-known/security.txt')
export class SecurityTxtController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Public('tells a stranger where to report a fault')
  show(@Res() response: Response): void {
    const { securityContact, publicUrl } = this.config.server;
    if (securityContact === null) throw new RollcallError('route.not_found', 'There is nothing at this address.');
    const expires = new Date(this.clock.now().getTime() + GOOD_FOR_DAYS * 86_400_000);
    const lines = [`Contact: ${securityContact}`, `Expires: ${expires.toISOString()}`, 'Preferred-Languages: en'];
    if (publicUrl !== null) lines.push(`Canonical: ${new URL('/.well-known/security.txt', publicUrl).href}`);
    response.type('text/plain').send(`${lines.join('\n')}\n`);
  }
}
