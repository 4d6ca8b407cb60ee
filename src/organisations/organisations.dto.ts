import { z } from 'zod';
import { Id, Instant, line } from '../common/fields.js';

export const OrganisationView = z
  .strictObject({
    id: Id,
    slug: z.string().describe('Short name, for the command line.'),
    name: z.string(),
    runsKeptDays: z.number().int().describe('Days that runs and their plans are kept, and can be undone.'),
    eraseAfterDays: z
      .number()
      .int()
      .nullable()
      .describe('Days after which the personal data of archived people are erased; null: never.'),
    stoppedAt: Instant.nullable().describe('Since when all syncs of the organisation are stopped; null: they are not.'),
    stopReason: z.string().nullable(),
    installationStoppedAt: Instant.nullable().describe(
      'Since when the operator stopped the syncs of everybody; null: they are not.',
    ),
    createdAt: Instant,
  })
  .meta({ id: 'Organisation' });
export type OrganisationView = z.infer<typeof OrganisationView>;

export const UpdateOrganisation = z
  .strictObject({
    name: line(200).optional(),
    runsKeptDays: z.number().int().min(7).max(400).optional(),
    eraseAfterDays: z.number().int().min(7).max(3650).nullable().optional(),
  })
  .meta({ id: 'UpdateOrganisation' });
export type UpdateOrganisation = z.infer<typeof UpdateOrganisation>;
