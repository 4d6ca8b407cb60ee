import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Id } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { Answers, AnswersNothing } from './answers.decorator.js';
import { Caller } from './caller.decorator.js';
import { clearCookie, readCookie } from './cookies.js';
import { SessionsInUse } from './sessions-in-use.service.js';
import { InSupport, Public, SignedIn } from './requires.decorator.js';
import { EndedView, SessionsList, SessionView } from './sessions.dto.js';

@ApiTags('Session')
@Controller('api/v1')
export class OwnSessionsController {
  private readonly site: PublicSite;

  constructor(
    private readonly sessions: SessionsInUse,
    @Inject(CONFIG) config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  @Get('session')
  @Public('a page asks first whether anybody is signed in')
  @Answers(200, SessionView, 'Shows who is signed in with the cookie, or that nobody is.')
  async show(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<SessionView> {
    const cookie = readCookie(request, 'session', this.site);
    const view = await this.sessions.whoIs(cookie);
    if (cookie !== null && !view.signedIn) clearCookie(response, 'session', this.site);
    return view;
  }

  @Delete('session')
  @SignedIn()
  @InSupport()
  @AnswersNothing('Signs out here; not at the identity provider.')
  async signOut(@Caller() caller: Caller, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.sessions.signOut(caller);
    clearCookie(response, 'session', this.site);
  }

  @Get('me/sessions')
  @SignedIn()
  @Answers(200, SessionsList, 'Lists where one is signed in, newest first.')
  list(@Caller() caller: Caller): Promise<SessionsList> {
    return this.sessions.list(caller, caller.personId ?? '');
  }

  @Delete('me/sessions/:id')
  @SignedIn()
  @AnswersNothing('Ends one of one’s own sessions at once.')
  end(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.sessions.endOne(caller, id);
  }

  @Post('me/sessions/end-others')
  @SignedIn()
  @Answers(200, EndedView, 'Ends all of one’s own sessions but this one, at once.')
  endOthers(@Caller() caller: Caller): Promise<EndedView> {
    return this.sessions.endOthers(caller);
  }
}
