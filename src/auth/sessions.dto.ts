import { z } from 'zod';
import { Id, Instant } from '../common/fields.js';

const StrengthField = z.enum(['provider', 'passkey', 'link', 'break_glass', 'set_up']);

const NobodyView = z.strictObject({ signedIn: z.literal(false) });

const SomebodyView = z.strictObject({
  signedIn: z.literal(true),
  kind: z.enum(['person', 'set_up']).describe('`set_up`: somebody without an account who came by a set-up link.'),
  organisation: z.strictObject({ id: Id, name: z.string() }),
  person: z
    .strictObject({
      id: Id,
      email: z.string(),
      firstName: z.string().nullable(),
      lastName: z.string().nullable(),
      isAdmin: z.boolean(),
    })
    .nullable(),
  strength: StrengthField.describe('How they have shown who they are.'),
  operator: z.boolean().describe('Whether they are staff of the installation.'),
  support: z
    .strictObject({ organisationName: z.string(), reason: z.string(), endsAt: Instant })
    .nullable()
    .describe('The organisation that an operator visits.'),
  setUp: z.strictObject({ kinds: z.array(z.enum(['sso', 'directory'])) }).nullable(),
  freshUntil: Instant.nullable().describe('What is dangerous asks to sign in again after this.'),
  endsAt: Instant.describe('The session ends then, whatever is done in it.'),
  needs: z
    .literal('passkey')
    .nullable()
    .describe('`passkey`: until one is added, an admin or operator can do nothing else.'),
});

export const SessionView = z.discriminatedUnion('signedIn', [NobodyView, SomebodyView]).meta({ id: 'Session' });
export type SessionView = z.infer<typeof SessionView>;

export const SessionListItem = z
  .strictObject({
    id: Id,
    device: z.string(),
    address: z.string(),
    strength: StrengthField,
    createdAt: Instant,
    lastUsedAt: Instant.describe('To about a minute.'),
    endsAt: Instant,
    current: z.boolean().describe('The session that asks.'),
  })
  .meta({ id: 'SessionListItem' });
export type SessionListItem = z.infer<typeof SessionListItem>;

export const SessionsList = z.strictObject({ items: z.array(SessionListItem) }).meta({ id: 'SessionsList' });
export type SessionsList = z.infer<typeof SessionsList>;

export const EndedView = z.strictObject({ ended: z.number().int().describe('How many ended.') }).meta({ id: 'Ended' });
export type EndedView = z.infer<typeof EndedView>;
