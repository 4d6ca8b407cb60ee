import { z } from 'zod';
import { Id, Instant, line, PageQuery, pageOf } from '../common/fields.js';
import { LANGUAGES } from '../mail/languages.js';
import { CLOSED_BECAUSE, INVITATION_STATES } from './invitations.states.js';

const MOST_AT_ONCE = 500;
const LONGEST_LIST = 200_000;

/** As people write to each other: lines, and nothing that is not seen. */
const Message = z
  .string()
  .normalize('NFC')
  .trim()
  .max(2_000)
  .refine((text) => !/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(text), 'has characters that cannot be shown')
  .nullable()
  .describe('Stands in the mail, with its line breaks.');
const WhichLanguage = z.enum(LANGUAGES).describe('Of the mail; the organisation’s own unless told.');
const Address = z.string().min(1).max(320);

export const InviteItem = z
  .strictObject({
    email: Address,
    firstName: line(200).nullable().optional(),
    lastName: line(200).nullable().optional(),
    teamId: Id.nullable().optional(),
    positionId: Id.nullable().optional(),
    admin: z.boolean().optional().describe('Makes them an admin; needs `people:admin`.'),
    restore: z
      .boolean()
      .optional()
      .describe('Somebody archived has the address: bring them back; needs `people:write`.'),
    again: z
      .boolean()
      .optional()
      .describe('They declined, or their server refused the address: invite them all the same.'),
  })
  .meta({ id: 'InviteItem' });
export type InviteItem = z.infer<typeof InviteItem>;

export const CheckInvitations = z
  .strictObject({
    text: z.string().max(LONGEST_LIST).optional().describe('A pasted list, in any common form.'),
    items: z.array(InviteItem).min(1).max(MOST_AT_ONCE).optional(),
  })
  .refine(({ text, items }) => (text === undefined) !== (items === undefined), 'needs one of text and items')
  .meta({ id: 'CheckInvitations' });
export type CheckInvitations = z.infer<typeof CheckInvitations>;

const Standing = z.enum(['new', 'pending', 'invited', 'here', 'archived', 'declined', 'refused', 'twice', 'invalid']);

const judged = {
  email: z.string().describe('As it was given.'),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  personId: Id.nullable().describe('Who has the address here.'),
};

export const CheckedInvitations = z
  .strictObject({
    items: z.array(
      z.strictObject({
        ...judged,
        standing: Standing,
        sentence: z.string().describe('What it means, and what would be done.'),
      }),
    ),
  })
  .meta({ id: 'CheckedInvitations', description: 'What inviting each would do. Nothing was written.' });
export type CheckedInvitations = z.infer<typeof CheckedInvitations>;

export const Invite = z
  .strictObject({
    items: z.array(InviteItem).min(1).max(MOST_AT_ONCE),
    message: Message.optional(),
    language: WhichLanguage.optional(),
    send: z.boolean().describe('False: nobody is told yet; they can be sent later.'),
  })
  .meta({ id: 'Invite' });
export type Invite = z.infer<typeof Invite>;

export const InviteResults = z
  .strictObject({
    items: z.array(
      z.strictObject({
        ...judged,
        invitationId: Id.nullable(),
        result: z.enum([
          'invited',
          'restored',
          'invited_before',
          'here',
          'archived',
          'declined',
          'refused',
          'twice',
          'invalid',
        ]),
        sentence: z.string(),
      }),
    ),
  })
  .meta({ id: 'InviteResults', description: 'What became of each; who was not invited keeps nobody else from it.' });
export type InviteResults = z.infer<typeof InviteResults>;

export const InvitationsQuery = PageQuery.extend({
  state: z.enum(INVITATION_STATES).optional(),
  personId: Id.optional(),
  importId: Id.optional(),
});
export type InvitationsQuery = z.infer<typeof InvitationsQuery>;

export const InvitationView = z
  .strictObject({
    id: Id,
    personId: Id,
    email: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    admin: z.boolean(),
    state: z.enum(INVITATION_STATES),
    problem: z.string().nullable().describe('Why the mail is not there yet, or never will be.'),
    because: z.enum(CLOSED_BECAUSE).nullable().describe('Why it was closed.'),
    stopped: z.boolean().describe('Its sending was stopped.'),
    inviter: z.string(),
    message: z.string().nullable(),
    language: z.enum(LANGUAGES),
    importId: Id.nullable().describe('The file of people that it comes from.'),
    createdAt: Instant,
    queuedAt: Instant.nullable(),
    notBefore: Instant.nullable().describe('The person had as many invitations as anybody gets in a day; then again.'),
    sentAt: Instant.nullable(),
    expiresAt: Instant.nullable(),
    openedAt: Instant.nullable(),
    acceptedAt: Instant.nullable(),
    acceptedBy: z.enum(['link', 'provider']).nullable(),
    closedAt: Instant.nullable(),
  })
  .meta({ id: 'Invitation' });
export type InvitationView = z.infer<typeof InvitationView>;

export const InvitationsPage = pageOf(InvitationView).meta({ id: 'InvitationsPage' });
export type InvitationsPage = z.infer<typeof InvitationsPage>;

export const SendInvitations = z
  .strictObject({ ids: z.array(Id).min(1).max(MOST_AT_ONCE) })
  .meta({ id: 'SendInvitations' });
export type SendInvitations = z.infer<typeof SendInvitations>;

export const SendResults = z
  .strictObject({
    items: z.array(z.strictObject({ id: Id, result: z.enum(['waiting', 'sent_before', 'closed', 'not_found']) })),
  })
  .meta({ id: 'SendInvitationsResults' });
export type SendResults = z.infer<typeof SendResults>;

export const InvitationLinkView = z
  .strictObject({ url: z.url().describe('Shown this once. Whoever has it can accept.'), expiresAt: Instant })
  .meta({ id: 'InvitationLink' });
export type InvitationLinkView = z.infer<typeof InvitationLinkView>;

export const PreviewInvitation = z
  .strictObject({
    message: Message.optional(),
    language: WhichLanguage.optional(),
    positionId: Id.nullable().optional(),
    teamId: Id.nullable().optional(),
  })
  .meta({ id: 'PreviewInvitation' });
export type PreviewInvitation = z.infer<typeof PreviewInvitation>;

export const InvitationPreviewView = z
  .strictObject({ subject: z.string(), html: z.string(), text: z.string() })
  .meta({ id: 'InvitationPreview', description: 'The mail as it would be, with a link that leads nowhere.' });
export type InvitationPreviewView = z.infer<typeof InvitationPreviewView>;

export const SendingView = z
  .strictObject({
    waiting: z.number().int().describe('Of files of people and by hand.'),
    byHand: z.number().int(),
    perMinute: z.number().int().describe('How fast those of files of people go out.'),
    perHour: z.number().int().describe('How many go out by hand in an hour.'),
    perDay: z.number().int(),
    until: Instant.nullable().describe('When the last one of files of people would go out; null: none waits.'),
    stopped: z.boolean(),
  })
  .meta({ id: 'InvitationsSending' });
export type SendingView = z.infer<typeof SendingView>;
