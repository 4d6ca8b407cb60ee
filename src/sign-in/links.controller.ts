import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Answers } from '../auth/answers.decorator.js';
import { Visitor } from '../auth/caller.decorator.js';
import { FromBrowser, Public } from '../auth/requires.decorator.js';
import { AskForLink, FirstOperator, LinkSent, SignedInView, UseLink } from './links.dto.js';
import { FirstOperators } from './links-first.service.js';
import { LinkUse } from './links-use.service.js';
import { Links } from './links.service.js';

@ApiTags('Sign-in')
@Controller('api/v1/sign-in')
export class LinksController {
  constructor(
    private readonly links: Links,
    private readonly use: LinkUse,
    private readonly first: FirstOperators,
  ) {}

  @Post('link')
  @Public('whoever signs in is nobody yet')
  @FromBrowser()
  @Answers(200, LinkSent, 'Asks for a link by mail; the answer is the same whoever has the address.')
  async ask(
    @Visitor() { address }: Visitor,
    @Body({ schema: AskForLink }) { email, returnTo }: AskForLink,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LinkSent> {
    await this.links.askFrom({ request, response }, { email, returnTo: returnTo ?? null, address });
    return { next: 'link_sent' };
  }

  @Post('link/use')
  @Public('whoever signs in is nobody yet')
  @FromBrowser()
  @Answers(200, SignedInView, 'Signs in by a link, in the browser in which it was asked for.')
  useLink(
    @Visitor() visitor: Visitor,
    @Body({ schema: UseLink }) { token }: UseLink,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedInView> {
    return this.use.use(token, visitor, { request, response });
  }

  @Post('first')
  @Public('an installation without an operator has nobody who could sign in')
  @FromBrowser()
  @Answers(200, SignedInView, 'Makes the first operator, by the code that the first start has shown.')
  makeFirst(
    @Visitor() visitor: Visitor,
    @Body({ schema: FirstOperator }) body: FirstOperator,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedInView> {
    return this.first.make(body, visitor, { request, response });
  }
}
