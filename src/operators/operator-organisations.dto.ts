import { z } from 'zod';
import { Id, Instant, line, PageQuery, pageOf } from '../common/fields.js';

export const CreateOrganisation = z
  .strictObject({
    name: line(200),
    slug: z.string().min(2).max(63).describe('Short name: a to z, 0 to 9 and -.'),
    sso: z.boolean().default(false).describe('Single sign-on.'),
    directorySync: z.boolean().default(false),
  })
  .meta({ id: 'CreateOrganisation' });
export type CreateOrganisation = z.infer<typeof CreateOrganisation>;

export const SwitchFeatures = z
  .strictObject({
    name: line(200).optional(),
    sso: z.boolean().optional().describe('Off: sign-ins under way, and sessions by identity providers, end at once.'),
    directorySync: z
      .boolean()
      .optional()
      .describe('Off: nothing is read any more; running syncs stop at the next batch.'),
    invitesPerHour: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .nullable()
      .optional()
      .describe('How many invitations it may send by hand in an hour; null: as the settings of the installation say.'),
    invitesPerDay: z.number().int().min(1).max(100_000).nullable().optional(),
  })
  .meta({ id: 'SwitchFeatures' });
export type SwitchFeatures = z.infer<typeof SwitchFeatures>;

export const OrganisationsQuery = PageQuery.extend({
  q: z.string().max(200).optional().describe('Beginning of the short name, or a part of the name.'),
});
export type OrganisationsQuery = z.infer<typeof OrganisationsQuery>;

const listed = {
  id: Id,
  slug: z.string(),
  name: z.string(),
  sso: z.boolean(),
  directorySync: z.boolean(),
  deleteAfter: Instant.nullable().describe('When it is gone, since its deletion was asked for; null: it stays.'),
  createdAt: Instant,
};

export const OperatorOrganisationsPage = pageOf(z.strictObject(listed).meta({ id: 'OperatorOrganisationListed' })).meta(
  { id: 'OperatorOrganisationsPage' },
);
export type OperatorOrganisationsPage = z.infer<typeof OperatorOrganisationsPage>;

export const OperatorOrganisationView = z
  .strictObject({
    ...listed,
    ssoEnforced: z.boolean(),
    invitesPerHour: z.number().int().nullable().describe('Null: as the settings of the installation say.'),
    invitesPerDay: z.number().int().nullable(),
    people: z.number().int().describe('Who is not archived.'),
    connections: z.array(z.strictObject({ id: Id, name: z.string(), state: z.string() })),
    providers: z.array(z.strictObject({ id: Id, name: z.string(), state: z.enum(['setup', 'active', 'disabled']) })),
  })
  .meta({ id: 'OperatorOrganisation' });
export type OperatorOrganisationView = z.infer<typeof OperatorOrganisationView>;

export const AskDeletion = z
  .strictObject({ slug: z.string().max(100).describe('The short name of the organisation, typed again.') })
  .meta({ id: 'AskDeletion' });
export type AskDeletion = z.infer<typeof AskDeletion>;

export const VerifyDomain = z
  .strictObject({
    name: z.string().min(1).max(300),
    reason: line(500).describe('How you know that it is theirs; kept with the domain.'),
  })
  .meta({ id: 'VerifyDomain' });
export type VerifyDomain = z.infer<typeof VerifyDomain>;
