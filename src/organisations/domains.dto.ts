import { z } from 'zod';
import { Id, Instant, pageOf } from '../common/fields.js';

export const AddDomain = z.strictObject({ name: z.string().min(1).max(300) }).meta({ id: 'AddDomain' });
export type AddDomain = z.infer<typeof AddDomain>;

export const DomainView = z
  .strictObject({
    id: Id,
    name: z.string(),
    verifiedAt: Instant.nullable().describe('Null: not verified; addresses there link to nobody by themselves.'),
    verifiedBy: z.enum(['operator', 'connection', 'dns']).nullable(),
    checkedAt: Instant.nullable().describe('When the DNS was last looked at; what it proved is looked at every day.'),
    failingSince: Instant.nullable().describe(
      'Since when the record is missing; after seven days the domain is not verified any more.',
    ),
    dnsRecord: z
      .strictObject({ type: z.literal('TXT'), name: z.string(), value: z.string() })
      .describe('What the owner of the domain publishes to show that it is theirs.'),
    createdAt: Instant,
  })
  .meta({ id: 'Domain' });
export type DomainView = z.infer<typeof DomainView>;

export const DomainsPage = pageOf(DomainView).meta({ id: 'DomainsPage' });
export type DomainsPage = z.infer<typeof DomainsPage>;
