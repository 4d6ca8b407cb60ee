import { z } from 'zod';
import { Id, Instant, PageQuery, pageOf } from '../common/fields.js';

const count = z.number().int().min(0);

export const HoldView = z
  .strictObject({
    id: Id,
    connectionId: Id,
    version: count.describe('Grows when people are added; an approval names it.'),
    state: z.enum(['open', 'closed']),
    cause: z.strictObject({ code: z.string(), text: z.string() }),
    shared: z
      .array(z.strictObject({ kind: z.string(), value: z.string(), held: count, others: count, text: z.string() }))
      .describe('What the held people share that the others lack.'),
    waiting: count.describe('People who wait for a decision.'),
    approved: count.describe('People whose removal is approved and not applied yet.'),
    openedAt: Instant,
    lookedAt: Instant.nullable(),
    approvedAt: Instant.nullable(),
    closedAt: Instant.nullable(),
  })
  .meta({ id: 'Hold' });
export type HoldView = z.infer<typeof HoldView>;

export const HoldsQuery = z
  .strictObject({
    state: z.enum(['open', 'closed']).default('open'),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  })
  .meta({ id: 'HoldsQuery' });
export type HoldsQuery = z.infer<typeof HoldsQuery>;

export const HoldsList = z.strictObject({ items: z.array(HoldView) }).meta({ id: 'HoldsList' });
export type HoldsList = z.infer<typeof HoldsList>;

const MemberState = z.enum(['waiting', 'approved', 'rejected', 'applied', 'reappeared']);

export const MemberView = z
  .strictObject({
    externalId: z.string(),
    personId: Id,
    name: z.string(),
    email: z.string(),
    kind: z.string().describe('archive, or relink.'),
    state: MemberState,
    reason: z.strictObject({ code: z.string(), text: z.string() }),
    lastSignInAt: Instant.nullable(),
    addedVersion: count,
    addedAt: Instant,
    decidedAt: Instant.nullable(),
  })
  .meta({ id: 'HoldMember' });
export type MemberView = z.infer<typeof MemberView>;

export const MembersPage = pageOf(MemberView).meta({ id: 'HoldMembersPage' });
export type MembersPage = z.infer<typeof MembersPage>;

export const MembersQuery = PageQuery.extend({ state: MemberState.optional() }).meta({ id: 'HoldMembersQuery' });
export type MembersQuery = z.infer<typeof MembersQuery>;

export const DecideHold = z
  .strictObject({
    version: count.describe('The version of the hold that was looked at.'),
    people: z
      .union([z.literal('all'), z.array(z.string().min(1).max(128)).min(1).max(10_000)])
      .describe('All of that version, or those of these external ids.'),
  })
  .meta({ id: 'DecideHold' });
export type DecideHold = z.infer<typeof DecideHold>;
