import { z } from 'zod';
import { Id, Instant, PageQuery, pageOf } from '../common/fields.js';
import { PolicyChange, QuotaShare, ScheduleChange } from '../connections/settings.js';

const Kind = z.enum(['full', 'delta', 'preview', 'simulation', 'undo', 'removal', 'import']);
const State = z.enum(['queued', 'reading', 'planning', 'applying', 'succeeded', 'ready', 'failed', 'cancelled']);
const Phase = z.enum(['probe', 'read', 'verify', 'plan', 'guard', 'apply', 'finish']);
const count = z.number().int().min(0);

export const ProgressView = z
  .strictObject({
    pages: count.describe('Pages of the directory that were read.'),
    records: count.describe('Records on them.'),
    requests: count.describe('Requests that were sent to the directory.'),
    toDecide: count.describe('Records that differ from what is known.'),
    decided: count,
    confirmed: count.describe('People missing from the listing who were asked for directly.'),
    toApply: count.describe('Changes of the plan.'),
    applied: count,
    unknown: count.describe('Objects that could not be judged and have no id.'),
    faults: z.array(z.string()).describe('A sample of what is wrong with them.'),
  })
  .meta({ id: 'RunProgress' });
export type ProgressView = z.infer<typeof ProgressView>;

export const CountsView = z
  .strictObject({
    read: count,
    unchanged: count,
    add: count,
    link: count,
    relink: count,
    update: count,
    restore: count,
    archive: count,
    skip: count,
    conflict: count,
    held: count.describe('Removals that wait for an admin.'),
    approve: count.describe('Links that wait for an admin.'),
    stale: count.describe('Changes that met something newer; they are planned again.'),
  })
  .meta({ id: 'RunCounts' });
export type CountsView = z.infer<typeof CountsView>;

export const RunView = z
  .strictObject({
    id: Id,
    connectionId: Id,
    kind: Kind,
    trigger: z.enum(['schedule', 'manual', 'push', 'setup']),
    state: State,
    phase: Phase.nullable(),
    askedAt: Instant,
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
    cancelAskedAt: Instant.nullable(),
    settingsVersion: z.number().int().nullable(),
    subjects: z.array(z.string()).describe('External ids that are read directly; empty for everybody.'),
    undoOf: Id.nullable(),
    confirms: Id.nullable().describe('The preview that this run carries out.'),
    coverage: z.enum(['complete', 'partial']).nullable(),
    planHash: z.string().nullable().describe('SHA-256 of the plan, hexadecimal.'),
    holdId: Id.nullable(),
    progress: ProgressView,
    counts: CountsView,
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Run' });
export type RunView = z.infer<typeof RunView>;

export const RunsPage = pageOf(RunView).meta({ id: 'RunsPage' });
export type RunsPage = z.infer<typeof RunsPage>;

export const RunsQuery = PageQuery.extend({ connectionId: Id.optional() }).meta({ id: 'RunsQuery' });
export type RunsQuery = z.infer<typeof RunsQuery>;

const ExternalIds = z.array(z.string().min(1).max(128)).min(1).max(1000);

export const StartRun = z
  .strictObject({ people: ExternalIds.optional().describe('Only these people of the directory, by external id.') })
  .meta({ id: 'StartRun' });
export type StartRun = z.infer<typeof StartRun>;

const OfKind = z.record(z.string().max(200), z.unknown());

export const Simulate = z
  .strictObject({
    scope: OfKind.optional(),
    mapping: OfKind.optional(),
    policy: PolicyChange.optional(),
    schedule: ScheduleChange.optional(),
    quotaShare: QuotaShare.optional(),
  })
  .meta({ id: 'Simulate' });
export type Simulate = z.infer<typeof Simulate>;

export const DeleteConnection = z
  .strictObject({
    people: z
      .enum(['keep', 'archive'])
      .describe(
        'Keep its people as they are, or archive whom no other connection employs: one that was paused or needed attention for more than 30 days employs nobody.',
      ),
  })
  .meta({ id: 'DeleteConnection' });
export type DeleteConnection = z.infer<typeof DeleteConnection>;

const Links = z.union([z.literal('all'), z.array(z.string().min(1).max(128)).max(10_000)]);

export const ConfirmRun = z
  .strictObject({
    approveLinks: Links.default([]).describe(
      'Links of the preview that need an approval: all, or those of these external ids.',
    ),
  })
  .meta({ id: 'ConfirmRun' });
export type ConfirmRun = z.infer<typeof ConfirmRun>;

export const ApproveLinks = z.strictObject({ links: Links }).meta({ id: 'ApproveLinks' });
export type ApproveLinks = z.infer<typeof ApproveLinks>;

const Reason = z.strictObject({
  code: z.string(),
  text: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
});

const Fields = z.record(z.string(), z.unknown());

export const ChangeView = z
  .strictObject({
    seq: z.number().int(),
    kind: z.string(),
    disposition: z.enum(['apply', 'hold', 'approve', 'skip', 'conflict']),
    situation: z.string(),
    externalId: z.string().nullable(),
    personId: Id.nullable(),
    otherPersonId: Id.nullable(),
    label: z.string().describe('Whom it is about, as people read it.'),
    reason: Reason,
    before: Fields.nullable(),
    after: Fields.nullable(),
    removal: z.boolean(),
    approved: z.boolean(),
    result: z.string().nullable().describe('What became of it; null while nothing did.'),
  })
  .meta({ id: 'PlannedChange' });
export type ChangeView = z.infer<typeof ChangeView>;

export const ChangesPage = pageOf(ChangeView).meta({ id: 'ChangesPage' });
export type ChangesPage = z.infer<typeof ChangesPage>;

export const ChangesQuery = PageQuery.extend({
  kind: z.string().max(20).optional(),
  disposition: z.enum(['apply', 'hold', 'approve', 'skip', 'conflict']).optional(),
  search: z.string().min(1).max(200).optional().describe('Words that the name or the address begins with.'),
}).meta({ id: 'ChangesQuery' });
export type ChangesQuery = z.infer<typeof ChangesQuery>;

export const DownloadQuery = z
  .strictObject({ format: z.enum(['csv', 'json']).default('csv') })
  .meta({ id: 'DownloadQuery' });
export type DownloadQuery = z.infer<typeof DownloadQuery>;
