import { FILES, type ConnectionSettings } from '../connections/connections.types.js';

export type RunKind = 'full' | 'delta' | 'preview' | 'simulation' | 'undo' | 'removal' | 'import';

/** Kinds that ask no directory: their plan is made of what is here, or of a file. */
const LOCAL_KINDS: ReadonlySet<RunKind> = new Set<RunKind>(['undo', 'removal', 'import']);

export function isLocal(kind: RunKind): boolean {
  return LOCAL_KINDS.has(kind);
}

export type RunState = 'queued' | 'reading' | 'planning' | 'applying' | 'succeeded' | 'ready' | 'failed' | 'cancelled';

export type Trigger = 'schedule' | 'manual' | 'push' | 'setup';

/** Where a run is, in the words of the specification; recorded as each begins. */
export type Phase = 'probe' | 'read' | 'verify' | 'plan' | 'guard' | 'apply' | 'finish';

/** The states in which a worker is at it, and which only one run of a connection may have. */
export const ACTIVE_STATES = ['reading', 'planning', 'applying'] as const;

export const FINAL_STATES = ['succeeded', 'ready', 'failed', 'cancelled'] as const;

/** Which state may follow which; a transition outside of this is our bug. */
export const NEXT_STATES: Record<RunState, readonly RunState[]> = {
  queued: ['reading', 'cancelled', 'failed'],
  reading: ['reading', 'planning', 'failed', 'cancelled'],
  planning: ['reading', 'planning', 'applying', 'ready', 'failed', 'cancelled'],
  applying: ['applying', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  ready: [],
  failed: [],
  cancelled: [],
};

/** Who asked for something: a key, an admin, the schedule, the operator, somebody with a set-up link. */
export interface AskedBy {
  kind: 'api_key' | 'person' | 'schedule' | 'push' | 'operator' | 'setup' | 'system';
  /** Of the key, the session, or the set-up link. */
  credentialId?: string;
  personId?: string | null;
}

/** Live numbers of a run, for whoever watches. */
export interface Progress {
  pages?: number;
  records?: number;
  /** Records that differ from the mirror. */
  differing?: number;
  /** Objects of the listing that cannot be records and have no id: a sample is kept. */
  faults?: string[];
  unknown?: number;
  /** Records to decide, and how many are. */
  toDecide?: number;
  decided?: number;
  /** Absent people who are asked for directly, and how many were. */
  toConfirm?: number;
  confirmed?: number;
  /** Changes to apply, and how many are. */
  toApply?: number;
  applied?: number;
  requests?: number;
  /** Rows of a file that change nothing. */
  unchanged?: number;
}

/** What a run did, taken from what was committed. */
export interface Counts {
  add: number;
  link: number;
  relink: number;
  update: number;
  restore: number;
  archive: number;
  skip: number;
  conflict: number;
  held: number;
  /** Links that wait for an approval. */
  approve: number;
  unchanged: number;
  /** Changes that met a newer state when they were applied and are planned again. */
  stale: number;
  read: number;
}

export interface RunRow {
  organisationId: string;
  id: string;
  connectionId: string;
  kind: RunKind;
  trigger: Trigger;
  state: RunState;
  phase: Phase | null;
  fence: number | null;
  askedBy: AskedBy;
  askedAt: Date;
  startedAt: Date | null;
  readStartedAt: Date | null;
  finishedAt: Date | null;
  cancelAskedAt: Date | null;
  settingsVersion: number | null;
  settings: unknown;
  subjects: string[];
  undoOf: string | null;
  confirms: string | null;
  nextCursor: { delta: string | null } | null;
  progress: Progress;
  counts: Partial<Counts>;
  coverage: 'complete' | 'partial' | null;
  planHash: Buffer | null;
  plannedAt: Date | null;
  holdId: string | null;
  attempts: number;
  errorCode: string | null;
  errorMessage: string | null;
}

/** The connection as a run needs it. */
export interface ConnectionRow {
  id: string;
  provider: string;
  name: string;
  rank: number;
  state: 'setup' | 'active' | 'paused' | 'deleting';
  settingsVersion: number;
  confirmedVersion: number | null;
  tenant: string | null;
  fingerprint: string | null;
  attention: Attention | null;
  unconfirmedSince: Date | null;
  cursor: { delta: string | null } | null;
  nextRunAt: Date | null;
  lastFullAt: Date | null;
  failures: number;
  failingSince: Date | null;
  settings: ConnectionSettings;
  /** Time between two runs by schedule, milliseconds. */
  intervalMs: number;
}

/** Where the files of an organisation queue: its runs are no directory's, and their failures are told with the file alone. */
export function isOfFiles(connection: Pick<ConnectionRow, 'provider'>): boolean {
  return connection.provider === FILES;
}

/** What a run of a file is asked with. */
export interface FileSettings {
  importId: string;
  /** How many people the confirmed preview archives, where that is more than a run may by itself. */
  archives?: number;
}

/** Why a connection needs an admin, and the mend. */
export interface Attention {
  code: string;
  message: string;
  since: string;
}

/** Which run of which organisation, under which lease. */
export interface RunRef {
  organisationId: string;
  connectionId: string;
  runId: string;
  fence: number;
}
