import { z } from 'zod';
import { Id, Instant } from '../common/fields.js';

const Token = z.string().min(1).max(100).describe('What stands behind the # of the link.');

export const InvitationToken = z.strictObject({ token: Token }).meta({ id: 'InvitationToken' });
export type InvitationToken = z.infer<typeof InvitationToken>;

export const InvitationLook = z
  .strictObject({
    organisation: z.string(),
    email: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    admin: z.boolean(),
    inviter: z.string(),
    message: z.string().nullable(),
    position: z.string().nullable(),
    team: z.string().nullable(),
    expiresAt: Instant,
    ways: z.strictObject({
      link: z.boolean().describe('The link of the mail itself lets in.'),
      providers: z.array(z.strictObject({ id: Id, name: z.string() })),
    }),
    signedIn: z
      .strictObject({ personId: Id, email: z.string(), organisation: z.string() })
      .nullable()
      .describe('Whose session this browser has; it ends when the invitation is accepted.'),
  })
  .meta({ id: 'InvitationLook' });
export type InvitationLook = z.infer<typeof InvitationLook>;

export const AcceptInvitation = z
  .strictObject({
    token: Token,
    by: z.enum(['link', 'provider']),
    providerId: Id.optional().describe('At which identity provider; needed for `provider`.'),
    replacing: Id.nullable().describe('Whose session in this browser may end: `signedIn.personId` of the look.'),
  })
  .meta({ id: 'AcceptInvitation' });
export type AcceptInvitation = z.infer<typeof AcceptInvitation>;

export const AcceptedInvitation = z
  .union([
    z.strictObject({ returnTo: z.string().describe('Path of this installation to go to now.') }),
    z.strictObject({ url: z.string().describe('Where the browser goes now.') }),
  ])
  .meta({ id: 'AcceptedInvitation' });
export type AcceptedInvitation = z.infer<typeof AcceptedInvitation>;
