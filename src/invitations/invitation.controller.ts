import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Visitor } from '../auth/caller.decorator.js';
import { FromBrowser, Public } from '../auth/requires.decorator.js';
import { InvitationAccepting } from './accepting.service.js';
import { AcceptedInvitation, AcceptInvitation, InvitationLook, InvitationToken } from './invitation.dto.js';

const NOBODY_YET = 'whoever is invited is nobody yet';

@ApiTags('Invitations')
@Controller('api/v1/invitation')
export class InvitationController {
  constructor(private readonly accepting: InvitationAccepting) {}

  @Post('look')
  @Public(NOBODY_YET)
  @FromBrowser()
  @Answers(200, InvitationLook, 'Shows what an invitation is to, and how it can be accepted; uses nothing up.')
  look(
    @Visitor() visitor: Visitor,
    @Body({ schema: InvitationToken }) { token }: InvitationToken,
    @Req() request: Request,
  ): Promise<InvitationLook> {
    return this.accepting.look(token, visitor, request);
  }

  @Post('accept')
  @Public(NOBODY_YET)
  @FromBrowser()
  @Answers(200, AcceptedInvitation, 'Accepts an invitation: by its link, or at the company’s identity provider.')
  accept(
    @Visitor() visitor: Visitor,
    @Body({ schema: AcceptInvitation }) body: AcceptInvitation,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AcceptedInvitation> {
    return this.accepting.accept(body, visitor, { request, response });
  }

  @Post('decline')
  @Public(NOBODY_YET)
  @FromBrowser()
  @AnswersNothing('Declines an invitation; its link is dead.')
  decline(@Visitor() visitor: Visitor, @Body({ schema: InvitationToken }) { token }: InvitationToken): Promise<void> {
    return this.accepting.decline(token, visitor);
  }
}
