import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Answers } from '../auth/answers.decorator.js';
import { Visitor } from '../auth/caller.decorator.js';
import { FromBrowser, Public } from '../auth/requires.decorator.js';
import { AtProvider, Place, ShortName, SignInNext, SignInStart, StartAtProvider } from './sign-in.dto.js';
import { Starting } from './starting.service.js';

const NOBODY_YET = 'whoever signs in is nobody yet';

@ApiTags('Sign-in')
@Controller('api/v1/sign-in')
export class SignInController {
  constructor(private readonly starting: Starting) {}

  @Post('start')
  @Public(NOBODY_YET)
  @FromBrowser()
  @Answers(200, SignInNext, 'Begins a sign-in: at the company’s identity provider, or by a link that is sent.')
  start(
    @Visitor() { address }: Visitor,
    @Body({ schema: SignInStart }) body: SignInStart,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignInNext> {
    return this.starting.byAddress(body, address, { request, response });
  }

  @Get('places/:slug')
  @Public(NOBODY_YET)
  @Answers(200, Place, 'Shows with which identity providers people of an organisation sign in.')
  place(@Param('slug', { schema: ShortName }) slug: string): Promise<Place> {
    return this.starting.place(slug);
  }

  @Post('provider')
  @Public(NOBODY_YET)
  @FromBrowser()
  @Answers(200, AtProvider, 'Begins a sign-in at one identity provider of an organisation.')
  atProvider(
    @Body({ schema: StartAtProvider }) body: StartAtProvider,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AtProvider> {
    return this.starting.atProvider(body, { request, response });
  }
}
