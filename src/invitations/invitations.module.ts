import { Module } from '@nestjs/common';

/** Inviting people by mail, by hand or for a file of people. */
@Module({})
export class InvitationsModule {}
