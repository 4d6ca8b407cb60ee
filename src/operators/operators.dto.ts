import { z } from 'zod';
import { Id, Instant, line } from '../common/fields.js';

const Name = line(200).nullable().default(null);

export const NamePerson = z
  .strictObject({
    email: z.string().min(3).max(320).describe('An e-mail address.'),
    firstName: Name,
    lastName: Name,
  })
  .meta({ id: 'NamePerson' });
export type NamePerson = z.infer<typeof NamePerson>;

export const OperatorView = z
  .strictObject({
    personId: Id,
    email: z.string(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    active: z.boolean().describe('False: archived, so that they cannot sign in.'),
    madeAt: Instant,
  })
  .meta({ id: 'Operator' });
export type OperatorView = z.infer<typeof OperatorView>;

export const OperatorsList = z.strictObject({ items: z.array(OperatorView) }).meta({ id: 'OperatorsList' });
export type OperatorsList = z.infer<typeof OperatorsList>;

export const FirstAdminView = z.strictObject({ personId: Id, email: z.string() }).meta({ id: 'FirstAdmin' });
export type FirstAdminView = z.infer<typeof FirstAdminView>;
