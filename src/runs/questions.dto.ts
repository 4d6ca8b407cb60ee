import { z } from 'zod';
import { Id, Instant, PageQuery, pageOf } from '../common/fields.js';

const open = z.stringbool().default(true);

export const ConflictView = z
  .strictObject({
    id: Id,
    connectionId: Id,
    kind: z.enum(['same_address', 'address_taken', 'recreated', 'candidate_linked']),
    externalId: z.string(),
    otherExternalId: z.string().nullable(),
    personId: Id.nullable(),
    otherPersonId: Id.nullable(),
    text: z.string(),
    address: z.string().nullable(),
    openedAt: Instant,
    resolvedAt: Instant.nullable(),
    resolution: z.string().nullable(),
  })
  .meta({ id: 'Conflict' });
export type ConflictView = z.infer<typeof ConflictView>;

export const ConflictsPage = pageOf(ConflictView).meta({ id: 'ConflictsPage' });
export type ConflictsPage = z.infer<typeof ConflictsPage>;

export const ConflictsQuery = PageQuery.extend({ open: open.describe('Only those that are not resolved.') }).meta({
  id: 'ConflictsQuery',
});
export type ConflictsQuery = z.infer<typeof ConflictsQuery>;

export const ResolveConflict = z
  .strictObject({
    as: z
      .enum(['same_person', 'new_person', 'keep_apart'])
      .describe('The record is that person; it is somebody new; or nothing is to be done about it.'),
  })
  .meta({ id: 'ResolveConflict' });
export type ResolveConflict = z.infer<typeof ResolveConflict>;

export const OverrideView = z
  .strictObject({
    id: Id,
    personId: Id,
    connectionId: Id.nullable(),
    externalId: z.string().nullable(),
    kind: z.string().describe('The change that is ruled out.'),
    cause: z.string(),
    madeAt: Instant,
    releasedAt: Instant.nullable(),
    releasedWhy: z.string().nullable(),
  })
  .meta({ id: 'Override' });
export type OverrideView = z.infer<typeof OverrideView>;

export const OverridesPage = pageOf(OverrideView).meta({ id: 'OverridesPage' });
export type OverridesPage = z.infer<typeof OverridesPage>;

export const OverridesQuery = PageQuery.extend({
  standing: open.describe('Only those that were not released.'),
  personId: Id.optional(),
}).meta({ id: 'OverridesQuery' });
export type OverridesQuery = z.infer<typeof OverridesQuery>;

export const NoticeView = z
  .strictObject({
    id: Id,
    kind: z.string(),
    connectionId: Id.nullable(),
    personId: Id.nullable(),
    message: z.string(),
    openedAt: Instant,
    mendedAt: Instant.nullable(),
  })
  .meta({ id: 'Notice' });
export type NoticeView = z.infer<typeof NoticeView>;

export const NoticesPage = pageOf(NoticeView).meta({ id: 'NoticesPage' });
export type NoticesPage = z.infer<typeof NoticesPage>;

export const NoticesQuery = PageQuery.extend({ open: open.describe('Only those that are not mended.') }).meta({
  id: 'NoticesQuery',
});
export type NoticesQuery = z.infer<typeof NoticesQuery>;
