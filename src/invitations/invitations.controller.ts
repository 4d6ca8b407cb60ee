import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, ShownOnce } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import {
  CheckedInvitations,
  CheckInvitations,
  InvitationLinkView,
  InvitationPreviewView,
  InvitationsPage,
  InvitationsQuery,
  InvitationView,
  Invite,
  InviteResults,
  PreviewInvitation,
  SendingView,
  SendInvitations,
  SendResults,
} from './invitations.dto.js';
import { Inviting } from './inviting.service.js';
import { InvitationsManaging } from './managing.service.js';
import { InvitationsReading } from './reading.service.js';
import { InvitationsSending } from './sending.service.js';

@ApiTags('Invitations')
@Controller('api/v1/invitations')
export class InvitationsController {
  constructor(
    private readonly inviting: Inviting,
    private readonly reading: InvitationsReading,
    private readonly managing: InvitationsManaging,
    private readonly sending: InvitationsSending,
  ) {}

  @Post('check')
  @Requires('invitations:write')
  @Answers(200, CheckedInvitations, 'Says of each address what inviting it would do; writes nothing.')
  check(
    @Caller() caller: Caller,
    @Body({ schema: CheckInvitations }) body: CheckInvitations,
  ): Promise<CheckedInvitations> {
    return this.inviting.check(caller, body);
  }

  @Post()
  @Requires('invitations:write')
  @Answers(200, InviteResults, 'Invites people, each by themselves; their mails go out when it is their turn.')
  invite(@Caller() caller: Caller, @Body({ schema: Invite }) body: Invite): Promise<InviteResults> {
    return this.inviting.invite(caller, body);
  }

  @Get()
  @Requires('invitations:read')
  @Answers(200, InvitationsPage, 'Lists invitations, newest first, with what became of each.')
  list(
    @Caller() caller: Caller,
    @Query({ schema: InvitationsQuery }) query: InvitationsQuery,
  ): Promise<InvitationsPage> {
    return this.reading.list(caller.organisationId, query);
  }

  @Post('send')
  @Requires('invitations:write')
  @Answers(200, SendResults, 'Sends invitations that were left for later.')
  send(@Caller() caller: Caller, @Body({ schema: SendInvitations }) { ids }: SendInvitations): Promise<SendResults> {
    return this.managing.send(caller, ids);
  }

  @Post('preview')
  @Requires('invitations:write')
  @Answers(200, InvitationPreviewView, 'Shows the mail of an invitation as it would be.')
  preview(
    @Caller() caller: Caller,
    @Body({ schema: PreviewInvitation }) body: PreviewInvitation,
  ): Promise<InvitationPreviewView> {
    return this.reading.preview(caller, body);
  }

  @Get('sending')
  @Requires('invitations:read')
  @Answers(200, SendingView, 'Shows how many invitations wait, how fast they go out, and until when.')
  showSending(@Caller() caller: Caller): Promise<SendingView> {
    return this.sending.show(caller.organisationId);
  }

  @Post('sending/stop')
  @Requires('invitations:write')
  @Answers(200, SendingView, 'Stops the sending of what waits.')
  stop(@Caller() caller: Caller): Promise<SendingView> {
    return this.sending.stop(caller);
  }

  @Post('sending/resume')
  @Requires('invitations:write')
  @Answers(200, SendingView, 'Goes on with the sending that was stopped.')
  resume(@Caller() caller: Caller): Promise<SendingView> {
    return this.sending.resume(caller);
  }

  @Get(':id')
  @Requires('invitations:read')
  @Answers(200, InvitationView, 'Shows an invitation, and what became of it.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<InvitationView> {
    return this.reading.show(caller.organisationId, id);
  }

  @Post(':id/resend')
  @Requires('invitations:write')
  @Answers(200, InvitationView, 'Sends an invitation again, with a new link; the older one is dead.')
  resend(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<InvitationView> {
    return this.managing.resend(caller, id);
  }

  @Post(':id/revoke')
  @Requires('invitations:write')
  @Answers(200, InvitationView, 'Revokes an invitation; its link is dead at once.')
  revoke(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<InvitationView> {
    return this.managing.revoke(caller, id);
  }

  @Post(':id/link')
  @Requires('invitations:write')
  @Fresh()
  @Answers(200, InvitationLinkView, 'Makes a new link of an invitation and shows it, this once; the older one is dead.')
  @ShownOnce()
  link(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<InvitationLinkView> {
    return this.managing.link(caller, id);
  }
}
