import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AnswersStream } from '../auth/answers.decorator.js';
import { Visitor } from '../auth/caller.decorator.js';
import { readCookie, setCookie } from '../auth/cookies.js';
import { Public } from '../auth/requires.decorator.js';
import { Sessions } from '../auth/sessions.service.js';
import { RollcallError } from '../common/errors.js';
import { Id } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { RelyingParty } from '../sso/relying-party.service.js';
import { Arrivals } from './arrivals.service.js';
import { Leaving } from './leaving.service.js';
import { RefusalPages } from './refusal-pages.filter.js';
import { BackChannelLogout, CallbackQuery, InitiateQuery } from './sign-in.dto.js';
import { Starting } from './starting.service.js';

/** The addresses that are registered at identity providers. What goes wrong at them is read in a browser. */
@ApiTags('Sign-in')
@Controller('sign-in')
export class ProtocolController {
  private readonly site: PublicSite;

  constructor(
    private readonly starting: Starting,
    private readonly party: RelyingParty,
    private readonly arrivals: Arrivals,
    private readonly leaving: Leaving,
    private readonly sessions: Sessions,
    @Inject(CONFIG) config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  @Get('initiate/:organisationId/:providerId')
  @Public('a provider’s own page sends people here who are nobody yet')
  @UseFilters(RefusalPages)
  @AnswersStream(303, 'text/html', 'Begins a sign-in for somebody who comes from a page of the provider.')
  async initiate(
    @Param('organisationId', { schema: Id }) organisationId: Id,
    @Param('providerId', { schema: Id }) providerId: Id,
    @Query({ schema: InitiateQuery }) query: InitiateQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    response.redirect(303, await this.starting.fromProvider(organisationId, providerId, query, { request, response }));
  }

  @Get('callback/:organisationId/:providerId')
  @Public('whoever comes back from a provider is nobody yet')
  @UseFilters(RefusalPages)
  @AnswersStream(303, 'text/html', 'Ends a sign-in at a provider: goes on where it began, or says why not.')
  async callback(
    @Param('organisationId', { schema: Id }) organisationId: Id,
    @Param('providerId', { schema: Id }) providerId: Id,
    @Query({ schema: CallbackQuery }) _query: CallbackQuery,
    @Visitor() visitor: Visitor,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const proven = await this.party.complete(request, { organisationId, providerId });
    const session = await this.arrivals.arrive({ ...proven, visitor });
    if (session !== null) {
      // O-10: whatever this browser had before is over, also that of another organisation.
      if (proven.attempt.purpose === 'sign_in') {
        await this.sessions.endPresented(readCookie(request, 'session', this.site));
      }
      setCookie(response, 'session', session.cookie, { site: this.site });
    }
    response.redirect(303, `${this.site.origin}${proven.attempt.returnTo}`);
  }

  @Post('back-channel-logout/:organisationId/:providerId')
  @Public('a provider shows who it is by what it has signed')
  @AnswersStream(200, 'text/plain', 'Ends what a provider says has ended there.')
  async backChannelLogout(
    @Param('organisationId', { schema: Id }) organisationId: Id,
    @Param('providerId', { schema: Id }) providerId: Id,
    @Visitor() visitor: Visitor,
    @Body({ schema: BackChannelLogout }) { logout_token: token }: BackChannelLogout,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (!request.is('application/x-www-form-urlencoded')) {
      throw new RollcallError('sign_in.logout_token_invalid', 'The logout token is to come in a form.');
    }
    await this.leaving.endedByProvider({ organisationId, providerId }, token, visitor);
    response.status(200).type('text/plain').send('');
  }
}
