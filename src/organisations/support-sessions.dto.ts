import { z } from 'zod';
import { Id, Instant, line, pageOf } from '../common/fields.js';

export const BeginSupport = z
  .strictObject({
    organisationId: Id,
    reason: line(500)
      .refine((text) => text.length >= 10, 'says too little: at least 10 characters')
      .describe('Why; the admins of the organisation see it.'),
    minutes: z.number().int().min(15).max(480).default(60),
  })
  .meta({ id: 'BeginSupport' });
export type BeginSupport = z.infer<typeof BeginSupport>;

export const SupportSessionView = z
  .strictObject({
    id: Id,
    operator: z.string().describe('Who, as they called themselves when it began.'),
    reason: z.string(),
    startedAt: Instant,
    endsAt: Instant,
    endedAt: Instant.nullable().describe('Null: nobody ended it; it ends by itself.'),
  })
  .meta({ id: 'SupportSession' });
export type SupportSessionView = z.infer<typeof SupportSessionView>;

export const SupportSessionsPage = pageOf(SupportSessionView).meta({ id: 'SupportSessionsPage' });
export type SupportSessionsPage = z.infer<typeof SupportSessionsPage>;
