import { z } from 'zod';
import { Id, Instant, line } from '../common/fields.js';
import { PolicyChange, QuotaShare, ScheduleChange } from './settings.js';

/** Judged by the kind of directory; its own schema is at `GET /api/v1/connection-kinds`. */
const OfKind = z.record(z.string().max(200), z.unknown());

const SettingsFields = {
  scope: OfKind.optional().describe('Who of the directory is meant, as the kind of directory has it. Given whole.'),
  mapping: OfKind.optional().describe(
    'Which attribute fills which field, as the kind of directory has it. Given whole.',
  ),
  policy: PolicyChange.optional(),
  schedule: ScheduleChange.optional(),
  quotaShare: QuotaShare.optional().describe('Percent of the customer’s quota at the directory that Rollcall may use.'),
};

export const SettingsChangeBody = z.strictObject(SettingsFields).meta({ id: 'SettingsChange' });
export type SettingsChangeBody = z.infer<typeof SettingsChangeBody>;

export const CreateConnection = z
  .strictObject({
    provider: z.string().min(1).max(50).describe('The kind of directory.'),
    name: line(100),
    ...SettingsFields,
    credentials: OfKind.optional().describe('As the kind of directory has them; never shown again.'),
  })
  .meta({ id: 'CreateConnection' });
export type CreateConnection = z.infer<typeof CreateConnection>;

export const UpdateConnection = z
  .strictObject({
    name: line(100).optional(),
    ...SettingsFields,
    version: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('The version that was read; refused when somebody changed it meanwhile.'),
  })
  .meta({ id: 'UpdateConnection' });
export type UpdateConnection = z.infer<typeof UpdateConnection>;

export const SetCredentials = z
  .strictObject({ credentials: OfKind.describe('As the kind of directory has them; never shown again.') })
  .meta({ id: 'SetCredentials' });
export type SetCredentials = z.infer<typeof SetCredentials>;

export const MoveConnection = z
  .strictObject({
    rank: z.number().int().min(1).max(1000).describe('1 is the highest; larger than there are means the lowest.'),
  })
  .meta({ id: 'MoveConnection' });
export type MoveConnection = z.infer<typeof MoveConnection>;

const AttentionView = z.strictObject({
  code: z.string(),
  message: z.string().describe('What to mend.'),
  since: z.string(),
});

export const HealthView = z
  .strictObject({
    status: z
      .enum(['setup', 'attention', 'stopped', 'paused', 'running', 'held', 'failing', 'overdue', 'healthy'])
      .describe('The first of these that applies.'),
    message: z.string().describe('One sentence for the admin.'),
    attention: AttentionView.nullable(),
    lastCompleteReadAt: Instant.nullable(),
    lastAppliedAt: Instant.nullable(),
    held: z.number().int().describe('Removals that wait for a decision.'),
    skipped: z.number().int().describe('Records that the last run left out.'),
    failures: z.number().int().describe('Runs that failed one after another.'),
    failingSince: Instant.nullable(),
    nextTryAt: Instant.nullable(),
  })
  .meta({ id: 'ConnectionHealth' });
export type HealthView = z.infer<typeof HealthView>;

export const ConnectionView = z
  .strictObject({
    id: Id,
    provider: z.string(),
    name: z.string(),
    rank: z.number().int(),
    state: z.enum(['setup', 'active', 'paused']),
    settings: z.strictObject({
      scope: OfKind,
      mapping: OfKind,
      policy: PolicyChange.required(),
      schedule: ScheduleChange.required(),
      quotaShare: z.number().int(),
    }),
    settingsVersion: z.number().int().describe('Grows with each change of scope, mapping, policy or rank.'),
    previewNeeded: z.boolean().describe('Whether the next run is a preview that has to be confirmed.'),
    credentials: z
      .strictObject({ setAt: Instant, shown: OfKind.describe('Ids and public keys, never a secret.') })
      .nullable()
      .describe('Null: there are none yet.'),
    tenant: z.string().nullable().describe('The directory’s own id of the customer.'),
    stoppedAt: Instant.nullable(),
    stopReason: z.string().nullable(),
    health: HealthView,
    createdAt: Instant,
    updatedAt: Instant,
    version: z.number().int(),
  })
  .meta({ id: 'Connection' });
export type ConnectionView = z.infer<typeof ConnectionView>;

export const ConnectionsList = z.strictObject({ items: z.array(ConnectionView) }).meta({ id: 'ConnectionsList' });
export type ConnectionsList = z.infer<typeof ConnectionsList>;

export const TestView = z
  .strictObject({
    passed: z.boolean().describe('Whether a sync can work; warnings do not stand in its way.'),
    checks: z.array(
      z.strictObject({
        name: z.string(),
        outcome: z.enum(['passed', 'warning', 'failed', 'skipped']),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'ConnectionTest' });
export type TestView = z.infer<typeof TestView>;

export const ListAttributes = z
  .strictObject({ scope: SettingsFields.scope, mapping: SettingsFields.mapping })
  .describe('Settings that are not saved yet; those left out are the stored ones.')
  .meta({ id: 'ListAttributes' });
export type ListAttributes = z.infer<typeof ListAttributes>;

const Fills = z.array(z.string()).describe('Fields of the mapping that it fills, extras as `extras.<name>`.');

export const AttributesView = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          path: z.string().describe('What the mapping names it by.'),
          label: z.string().describe('As the directory’s own console calls it.'),
          type: z.enum(['text', 'number', 'boolean', 'date', 'other']),
          multiple: z.boolean().describe('A list of values.'),
          custom: z.boolean().describe('Made by the customer.'),
          fills: Fills,
        }),
      )
      .describe('The standard ones first.'),
    unlisted: z
      .array(z.strictObject({ path: z.string(), fills: Fills }))
      .describe('Paths of the mapping that the directory does not list: misspelt perhaps, or deleted since.'),
    missing: z
      .string()
      .nullable()
      .describe('Why custom attributes are not listed, and the mend; their paths can still be typed. Null: all are.'),
  })
  .meta({ id: 'ConnectionAttributes' });
export type AttributesView = z.infer<typeof AttributesView>;

const SetUpStepView = z.strictObject({
  title: z.string(),
  text: z.string(),
  values: z.record(z.string(), z.string()).describe('Values to copy, by label.'),
});

export const SetUpView = z.strictObject({ items: z.array(SetUpStepView) }).meta({ id: 'SetUpSteps' });
export type SetUpView = z.infer<typeof SetUpView>;

export const KindsView = z
  .strictObject({
    items: z.array(
      z.strictObject({
        provider: z.string(),
        title: z.string(),
        defaultSettings: ConnectionView.shape.settings,
        scopeSchema: OfKind.describe('JSON Schema of `scope`.'),
        mappingSchema: OfKind.describe('JSON Schema of `mapping`.'),
        credentialsSchema: OfKind.describe('JSON Schema of `credentials`.'),
        setUpSteps: z.array(SetUpStepView),
        methods: z
          .array(z.strictObject({ method: z.string(), setUpSteps: z.array(SetUpStepView) }))
          .describe('Ways in which `credentials` can be given here, the best first, each with its own steps.'),
      }),
    ),
  })
  .meta({ id: 'ConnectionKinds' });
export type KindsView = z.infer<typeof KindsView>;
