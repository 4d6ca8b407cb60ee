import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { contextOf } from '../audit/audit.types.js';
import { Answers, ShownOnce } from '../auth/answers.decorator.js';
import { Caller, Visitor } from '../auth/caller.decorator.js';
import { readCookie, setCookie } from '../auth/cookies.js';
import { Fresh, FromBrowser, Public, Requires } from '../auth/requires.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import {
  MakeSetUpLink,
  NewSetUpLinkView,
  OpenSetUpLink,
  SetUpLinksPage,
  SetUpLinkView,
  SetUpOpenedView,
} from './set-up-links.dto.js';
import { SetUpLinks } from './set-up-links.service.js';

@ApiTags('Set-up links')
@Controller('api/v1')
export class SetUpLinksController {
  private readonly site: PublicSite;

  constructor(
    private readonly links: SetUpLinks,
    @Inject(CONFIG) config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  @Post('set-up-links')
  @Requires('set-up-links:write')
  @Fresh()
  @Answers(201, NewSetUpLinkView, 'Makes a link by which somebody without an account sets up, and shows it, this once.')
  @ShownOnce()
  make(@Caller() caller: Caller, @Body({ schema: MakeSetUpLink }) body: MakeSetUpLink): Promise<NewSetUpLinkView> {
    return this.links.makeAs(caller, body);
  }

  @Get('set-up-links')
  @Requires('set-up-links:read')
  @Answers(200, SetUpLinksPage, 'Lists the set-up links, newest first.')
  list(@Caller() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<SetUpLinksPage> {
    return this.links.list(caller.organisationId, query);
  }

  @Delete('set-up-links/:id')
  @Requires('set-up-links:write')
  @Answers(200, SetUpLinkView, 'Revokes a set-up link, and ends what it began, at once.')
  revoke(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<SetUpLinkView> {
    return this.links.revoke(caller.organisationId, id, contextOf(caller));
  }

  @Post('set-up/open')
  @Public('whoever has a set-up link has no account')
  @FromBrowser()
  @Answers(200, SetUpOpenedView, 'Uses a set-up link up and begins its session.')
  @ShownOnce()
  async open(
    @Visitor() visitor: Visitor,
    @Body({ schema: OpenSetUpLink }) body: OpenSetUpLink,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SetUpOpenedView> {
    const { opened, session } = await this.links.open(body.token, visitor, readCookie(request, 'session', this.site));
    setCookie(response, 'session', session.cookie, { site: this.site });
    return opened;
  }
}
