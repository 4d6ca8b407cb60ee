import { z } from 'zod';
import { Id, Instant, line, PageQuery, pageOf } from '../common/fields.js';
import { FILE_FIELDS } from '../connectors/csv/header.js';
import { LANGUAGES } from '../mail/languages.js';

const count = z.number().int().min(0);
const Field = z.enum(FILE_FIELDS as [(typeof FILE_FIELDS)[number], ...typeof FILE_FIELDS]);
const EncodingName = z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1']);
const DelimiterSign = z.enum([',', ';', '\t']);

export const UploadQuery = z
  .strictObject({ name: line(200).default('people.csv').describe('What the file is called; shown in the list.') })
  .meta({ id: 'UploadQuery' });
export type UploadQuery = z.infer<typeof UploadQuery>;

/** As people write to each other: lines, and nothing that is not seen. */
const Message = z
  .string()
  .normalize('NFC')
  .trim()
  .max(2_000)
  .refine((text) => !/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(text), 'has characters that cannot be shown');

const Options = {
  encoding: EncodingName.nullable().describe('Null: found out; a file that does not say has to be told.'),
  delimiter: DelimiterSign.nullable().describe('Null: found out.'),
  createTeams: z.boolean().describe('Makes teams that are not here yet.'),
  createPositions: z.boolean().describe('Makes positions that are not here yet, in the framework of the team.'),
  clearEmpty: z
    .array(Field.exclude(['email', 'state']))
    .max(6)
    .describe('Columns whose empty cells clear the field.'),
  leaveOutFaulty: z.boolean().describe('Applies the file without its faulty rows; otherwise nothing is applied.'),
  message: Message.nullable().describe('In the invitations.'),
  language: z.enum(LANGUAGES).nullable().describe('Of the invitations; null: that of the organisation.'),
};

export const UpdateImport = z.strictObject(Options).partial().meta({ id: 'UpdateImport' });
export type UpdateImport = z.infer<typeof UpdateImport>;

export const ConfirmImport = z
  .strictObject({
    planHash: z.string().min(1).max(64).describe('Of the preview that was looked at.'),
    archives: count.optional().describe('How many people it archives, where that has to be confirmed.'),
  })
  .meta({ id: 'ConfirmImport' });
export type ConfirmImport = z.infer<typeof ConfirmImport>;

const RunState = z.enum(['queued', 'reading', 'planning', 'applying', 'succeeded', 'ready', 'failed', 'cancelled']);

export const UndoView = z
  .strictObject({ runId: Id.describe('The preview of the undo; see /api/v1/runs/{id}.'), state: RunState })
  .meta({ id: 'UndoOfImport' });
export type UndoView = z.infer<typeof UndoView>;

const RunOfImport = z.strictObject({
  id: Id.describe('Progress: /api/v1/runs/{id}/progress.'),
  state: RunState,
  planHash: z.string().nullable(),
  counts: z.strictObject({ add: count, update: count, restore: count, archive: count, skip: count, stale: count }),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

const Samples = z.array(
  z.strictObject({
    line: count,
    readings: z.strictObject({ 'windows-1252': z.string(), 'iso-8859-1': z.string() }),
  }),
);

export const ImportView = z
  .strictObject({
    id: Id,
    name: z.string(),
    bytes: count,
    state: z.enum([
      'uploading',
      'looking',
      'refused',
      'ready',
      'applying',
      'applied',
      'failed',
      'cancelled',
      'discarded',
      'expired',
    ]),
    createdAt: Instant,
    uploadedAt: Instant.nullable(),
    confirmedAt: Instant.nullable(),
    fileUntil: Instant.describe('The file itself is kept no longer than this.'),
    fileGoneAt: Instant.nullable(),
    options: z.strictObject(Options),
    preview: RunOfImport.nullable(),
    run: RunOfImport.nullable().describe('What was applied.'),
    fault: z
      .strictObject({
        code: z.string(),
        message: z.string(),
        line: count,
        column: z.string().nullable(),
        samples: Samples,
      })
      .nullable()
      .describe('Why the whole file is refused.'),
    columns: z.array(z.strictObject({ name: z.string(), field: Field.nullable().describe('Null: ignored.') })),
    encoding: EncodingName.nullable(),
    delimiter: DelimiterSign.nullable(),
    rows: count,
    unchanged: count,
    faulty: count,
    repeated: count.describe('Rows that say the same as an earlier one.'),
    namesakes: count.describe('Newcomers with the name of somebody who is here under another address.'),
    admins: count.describe('Rows that make somebody an admin, or none any more.'),
    missingTeams: z.array(z.string()),
    missingPositions: z.array(z.string()),
    archivesToConfirm: count.nullable().describe('Confirm this number as `archives`; null: not needed.'),
    invitations: z
      .strictObject({ people: count, waiting: count, perMinute: count, until: Instant.nullable() })
      .nullable()
      .describe(
        'Who is invited, and until when that is sent; of one import alone, not in the list, and not while it is applied.',
      ),
  })
  .meta({ id: 'Import' });
export type ImportView = z.infer<typeof ImportView>;

export const ImportsPage = pageOf(ImportView).meta({ id: 'ImportsPage' });
export type ImportsPage = z.infer<typeof ImportsPage>;

const Fields = z.record(z.string(), z.unknown());

export const ImportLineView = z
  .strictObject({
    line: count.nullable().describe('Of the file; null for a team or position to make.'),
    kind: z.string(),
    faulty: z.boolean(),
    field: z.string().nullable(),
    label: z.string(),
    personId: Id.nullable(),
    because: z.string(),
    notes: z.array(z.string()),
    kept: z.array(z.string()).describe('Fields that differ and stay: a directory keeps them.'),
    before: Fields.nullable(),
    after: Fields.nullable(),
    result: z.string().nullable(),
  })
  .meta({ id: 'ImportLine' });
export type ImportLineView = z.infer<typeof ImportLineView>;
export const ImportLinesPage = pageOf(ImportLineView).meta({ id: 'ImportLinesPage' });
export type ImportLinesPage = z.infer<typeof ImportLinesPage>;

export const ImportLinesQuery = PageQuery.extend({
  kind: z.string().max(20).optional(),
  disposition: z.enum(['apply', 'skip']).optional(),
  faulty: z.enum(['true', 'false']).optional(),
  search: z.string().min(1).max(200).optional(),
}).meta({ id: 'ImportLinesQuery' });
export type ImportLinesQuery = z.infer<typeof ImportLinesQuery>;
