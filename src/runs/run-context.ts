import type { Connector } from '../connectors/connector.js';
import type { Policy, Reference } from '../sync/facts.js';
import type { GuardInput } from '../sync/guard.js';
import type { DirectoryRecord } from '../sync/model.js';
import type { Lease } from './lease.js';
import type { ConnectionRow, RunKind, RunRow, RunState } from './runs.types.js';

/** Everything that one run works with. Made when it is claimed; nothing of it outlives the run. */
export interface RunContext {
  readonly organisationId: string;
  readonly connectionId: string;
  readonly runId: string;
  kind: RunKind;
  /** As it was claimed; loaded anew at each phase. */
  run: RunRow;
  /** The state in which it was claimed: earlier phases are done. */
  readonly claimedIn: RunState;
  readonly connection: ConnectionRow;
  readonly lease: Lease;
  /** It only looks at some people: a delta, a push. Nothing is inferred for the others. */
  partial: boolean;
  /** Null for a run that asks no directory: an undo, the removal of a connection, a file of people. */
  directory: Directory | null;
  /** What the guard measures removals against, once it is being counted: it is that of the start of the plan. */
  base?: Promise<GuardBase>;
}

export type GuardBase = Pick<GuardInput, 'activeLinked' | 'read'>;

/** The directory of a run, under the settings that the run has. */
export interface Directory {
  readonly connector: Connector;
  readonly policy: Policy;
  /** Goes into every content hash: the version of mapping and policy, or of settings that are only simulated. */
  readonly hashVersion: string;
  readonly employed: (record: DirectoryRecord) => boolean;
  /** Domains of the organisation that are verified. */
  verifiedDomains: ReadonlySet<string>;
  reference: Reference;
  /** Time between two runs by schedule, milliseconds. */
  readonly intervalMs: number;
}

export function directoryOf(context: RunContext): Directory {
  if (context.directory === null) throw new TypeError(`a run of the kind ${context.kind} has no directory`);
  return context.directory;
}

const ORDER: readonly RunState[] = ['queued', 'reading', 'planning', 'applying'];

/** Whether a run was claimed before it had come to a state. */
export function beginsBefore(context: RunContext, state: 'planning' | 'applying'): boolean {
  return ORDER.indexOf(context.claimedIn) < ORDER.indexOf(state);
}
