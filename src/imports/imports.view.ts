import { instant, instantOrNull } from '../common/fields.js';
import type { RunRow } from '../runs/runs.types.js';
import type { ImportLineView, ImportView } from './imports.dto.js';
import { DEFAULT_OPTIONS, NOTHING_FOUND, type ImportRow, type LineRow, type RunsOfImport } from './imports.types.js';

export interface Seen extends RunsOfImport {
  row: ImportRow;
  archivesToConfirm: number | null;
  invitations: ImportView['invitations'];
}

export function importView({ row, preview, run, archivesToConfirm, invitations }: Seen): ImportView {
  const { head, fault, ...found } = { ...NOTHING_FOUND, ...row.found };
  const { mayMakeAdmins: _, ...options } = { ...DEFAULT_OPTIONS, ...row.options };
  return {
    id: row.id,
    name: row.name,
    bytes: row.bytes,
    state: stateOf(row, preview, run),
    createdAt: instant(row.createdAt),
    uploadedAt: instantOrNull(row.uploadedAt),
    confirmedAt: instantOrNull(row.confirmedAt),
    fileUntil: instant(row.fileUntil),
    fileGoneAt: instantOrNull(row.fileGoneAt),
    options: options as ImportView['options'],
    preview: runOf(preview),
    run: runOf(run),
    fault,
    columns: head?.columns ?? [],
    encoding: head?.encoding ?? null,
    delimiter: head?.delimiter ?? null,
    rows: found.rows,
    unchanged: found.unchanged,
    faulty: found.faulty,
    repeated: found.repeated,
    namesakes: found.namesakes,
    admins: found.admins,
    missingTeams: found.missingTeams,
    missingPositions: found.missingPositions,
    archivesToConfirm,
    invitations,
  };
}

function stateOf(row: ImportRow, preview: RunRow | null, run: RunRow | null): ImportView['state'] {
  if (run !== null) {
    if (run.finishedAt === null) return 'applying';
    return run.state === 'succeeded' ? 'applied' : run.state === 'cancelled' ? 'cancelled' : 'failed';
  }
  if (row.state === 'uploading') return 'uploading';
  if (row.state === 'gone') {
    const before = row.fileGoneAt !== null && row.fileGoneAt < row.fileUntil;
    return before && row.runId === null ? 'discarded' : 'expired';
  }
  if (preview === null || preview.finishedAt === null) return 'looking';
  if (preview.state === 'ready') return 'ready';
  if (preview.state === 'cancelled') return 'cancelled';
  return preview.errorCode === 'import.file_invalid' ? 'refused' : 'failed';
}

function runOf(run: RunRow | null): ImportView['preview'] {
  if (run === null) return null;
  const { add = 0, update = 0, restore = 0, archive = 0, skip = 0, stale = 0 } = run.counts;
  return {
    id: run.id,
    state: run.state,
    planHash: run.planHash?.toString('hex') ?? null,
    counts: { add, update, restore, archive, skip, stale },
    error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? run.errorCode },
  };
}

/** What only the application of a change needs is nobody's to see. */
const INTERNAL = new Set(['expectedVersion', 'emailCanonical', 'invites']);

export function lineView({ kind, situation, personId, label, reason, before, after, result }: LineRow): ImportLineView {
  const { facts = {} } = reason;
  return {
    line: typeof facts['line'] === 'number' ? facts['line'] : null,
    kind,
    faulty: situation === 'file_fault',
    field: typeof facts['field'] === 'string' ? facts['field'] : null,
    label,
    personId,
    because: typeof facts['because'] === 'string' ? facts['because'] : reason.text,
    notes: listOf(facts['notes']),
    kept: listOf(facts['kept']),
    before: shown(before),
    after: shown(after),
    result,
  };
}

function listOf(text: unknown): string[] {
  return typeof text === 'string' && text !== '' ? text.split(',') : [];
}

function shown(fields: Record<string, unknown> | null): Record<string, unknown> | null {
  return fields === null ? null : Object.fromEntries(Object.entries(fields).filter(([name]) => !INTERNAL.has(name)));
}
