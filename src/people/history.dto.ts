import { z } from 'zod';
import { Id, Instant, PageQuery, pageOf } from '../common/fields.js';
import { PersonView } from './people.dto.js';

export const ActorView = z
  .strictObject({
    kind: z.enum(['key', 'person', 'operator', 'set_up_link', 'stranger', 'sync', 'system']),
    id: Id.optional().describe('Of the API key, the person, or the set-up link.'),
    personId: Id.nullable().optional().describe('The admin behind the key, or the operator.'),
    sessionId: Id.optional().describe('The person’s session.'),
    organisationId: Id.optional().describe('The operator’s own organisation.'),
    supportSessionId: Id.optional().describe('The operator’s visit to this organisation.'),
    connectionId: Id.optional().describe('Whose run it was.'),
  })
  .describe('Who did it, with the ids that go with it.');
const ReasonView = z.strictObject({ code: z.string(), text: z.string() });

export const TimelineEntryView = z
  .strictObject({
    id: Id.describe('Of the change, and of its event.'),
    at: Instant,
    type: z.string(),
    origin: z.string(),
    state: z.string().describe('Of the person, from then on.'),
    by: ActorView.nullable(),
    reason: ReasonView.describe('The rule behind it, in one sentence.'),
    situation: z.string().nullable().describe('What the directory said, as a row of the specification.'),
    before: z.record(z.string(), z.unknown()).nullable().describe('Known for changes by a run that is still kept.'),
    after: z.record(z.string(), z.unknown()),
    run: z
      .strictObject({
        id: Id,
        kind: z.string().nullable(),
        trigger: z.string().nullable(),
        connectionId: Id.nullable(),
        connection: z.string().nullable(),
        externalId: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntryView = z.infer<typeof TimelineEntryView>;
export const TimelinePage = pageOf(TimelineEntryView).meta({ id: 'TimelinePage' });
export type TimelinePage = z.infer<typeof TimelinePage>;

export const WhyQuery = z
  .strictObject({
    email: z.string().min(1).max(320).optional(),
    externalId: z.string().min(1).max(500).optional(),
  })
  .refine(
    (query) => (query.email === undefined) !== (query.externalId === undefined),
    'give either email or externalId',
  );
export type WhyQuery = z.infer<typeof WhyQuery>;

export const WhyView = z
  .strictObject({
    answer: z.string().describe('In one sentence.'),
    person: PersonView.nullable(),
    records: z.array(
      z.strictObject({
        connectionId: Id,
        connection: z.string(),
        externalId: z.string(),
        personId: Id.nullable(),
        employed: z.boolean(),
        inScope: z.boolean(),
        outOfScopeBecause: z.string().nullable(),
        fault: z.string().nullable(),
        observedAt: Instant,
        missingSince: Instant.nullable(),
        goneAt: Instant.nullable(),
        goneBecause: z.string().nullable(),
        settled: z.boolean(),
        decision: z
          .strictObject({
            runId: Id,
            at: Instant,
            kind: z.string(),
            disposition: z.string(),
            situation: z.string(),
            reason: ReasonView,
            result: z.string().nullable(),
          })
          .nullable()
          .describe('The latest word about the record.'),
      }),
    ),
    questions: z
      .array(
        z.strictObject({
          what: z.enum(['conflict', 'hold', 'override']),
          id: Id,
          kind: z.string(),
          connectionId: Id.nullable(),
          externalId: z.string().nullable(),
          since: Instant,
        }),
      )
      .describe('What is open, or stands: conflicts, held removals, overrides.'),
  })
  .meta({ id: 'Why' });
export type WhyView = z.infer<typeof WhyView>;

export const AuditQuery = PageQuery.extend({
  action: z.string().max(100).optional(),
  subjectKind: z.string().max(100).optional(),
  subjectId: z.string().max(200).optional(),
  runId: Id.optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditEntryView = z
  .strictObject({
    at: Instant,
    action: z.string(),
    by: ActorView,
    subject: z.strictObject({ kind: z.string(), id: z.string() }),
    runId: Id.nullable(),
    requestId: z.string().nullable(),
    address: z.string().nullable(),
    outcome: z.string(),
    fields: z.array(z.string()).describe('Names of the fields that changed.'),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof AuditEntryView>;
export const AuditPage = pageOf(AuditEntryView).meta({ id: 'AuditPage' });
export type AuditPage = z.infer<typeof AuditPage>;

export const EventsQuery = z.strictObject({
  after: Id.optional().describe('Id of the last event that was read; left out: from the beginning.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type EventsQuery = z.infer<typeof EventsQuery>;

export const EventView = z
  .strictObject({
    id: Id,
    at: Instant,
    type: z.string(),
    personId: Id,
    runId: Id.nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });
export type EventView = z.infer<typeof EventView>;
export const EventsFeed = z
  .strictObject({
    items: z.array(EventView),
    next: Id.nullable().describe('`after` of the next request, also when nothing more is there yet.'),
    more: z.boolean(),
  })
  .meta({ id: 'EventsFeed' });
export type EventsFeed = z.infer<typeof EventsFeed>;
