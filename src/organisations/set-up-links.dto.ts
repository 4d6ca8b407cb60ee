import { z } from 'zod';
import { Id, Instant, line, pageOf } from '../common/fields.js';

const Kinds = z
  .array(z.enum(['sso', 'directory']))
  .min(1)
  .max(2)
  .refine((kinds) => new Set(kinds).size === kinds.length, 'names something twice')
  .describe('What may be set up with it: single sign-on, directory sync.');

export const MakeSetUpLink = z
  .strictObject({
    kinds: Kinds,
    note: line(200).describe('For whom it is; shown to admins.'),
    hours: z.number().int().min(1).max(720).optional().describe('How long it can be opened.'),
  })
  .meta({ id: 'MakeSetUpLink' });
export type MakeSetUpLink = z.infer<typeof MakeSetUpLink>;

export const SetUpLinkView = z
  .strictObject({
    id: Id,
    kinds: Kinds,
    note: z.string(),
    createdAt: Instant,
    expiresAt: Instant,
    usedAt: Instant.nullable().describe('When it was opened; it opens once.'),
    revokedAt: Instant.nullable(),
    by: z.enum(['key', 'person', 'operator', 'system']).describe('Who made it; the audit log names them.'),
  })
  .meta({ id: 'SetUpLink' });
export type SetUpLinkView = z.infer<typeof SetUpLinkView>;

export const SetUpLinksPage = pageOf(SetUpLinkView).meta({ id: 'SetUpLinksPage' });
export type SetUpLinksPage = z.infer<typeof SetUpLinksPage>;

export const NewSetUpLinkView = z
  .strictObject({ link: SetUpLinkView, url: z.url().describe('Shown this once. Whoever has it can set up.') })
  .meta({ id: 'NewSetUpLink' });
export type NewSetUpLinkView = z.infer<typeof NewSetUpLinkView>;

export const OpenSetUpLink = z
  .strictObject({ token: z.string().min(1).max(200).describe('What stands behind `#` in the link.') })
  .meta({ id: 'OpenSetUpLink' });
export type OpenSetUpLink = z.infer<typeof OpenSetUpLink>;

export const SetUpOpenedView = z
  .strictObject({ organisation: z.string(), kinds: Kinds, endsAt: Instant })
  .meta({ id: 'SetUpOpened' });
export type SetUpOpenedView = z.infer<typeof SetUpOpenedView>;
