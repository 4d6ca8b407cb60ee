import { z } from 'zod';
import { Id, Instant } from '../common/fields.js';

export const PersonExportView = z
  .strictObject({
    personId: Id,
    at: Instant,
    tables: z
      .record(z.string(), z.array(z.record(z.string(), z.unknown())))
      .describe(
        'Every row about the person, as it is kept, by the table that it is kept in; digests and secrets left out.',
      ),
  })
  .meta({ id: 'PersonExport' });
export type PersonExportView = z.infer<typeof PersonExportView>;

export const ErasePerson = z
  .strictObject({ confirm: z.string().min(1).max(320).describe('The address of the person, typed once more.') })
  .meta({ id: 'ErasePerson' });
export type ErasePerson = z.infer<typeof ErasePerson>;
