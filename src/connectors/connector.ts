import type { DirectoryRecord, FaultyRecord } from '../sync/model.js';

/** Opaque to everybody but the connector that made it. */
export type Cursor = string;

export interface Page {
  records: (DirectoryRecord | FaultyRecord)[];
  /** When the request for this page began. */
  observedAt: Date;
  /** Null only at the directory's own end marker. */
  nextCursor: Cursor | null;
}

/** A group, unit or application that the scope names. */
export interface ScopeObject {
  kind: string;
  id: string;
  name: string;
  /** Members where the directory tells, else null. */
  size: number | null;
}

/** What stands behind the credentials now. A different `tenant` or `fingerprint` than stored needs an admin. */
export interface Probe {
  /** The directory's own permanent id of the customer. */
  tenant: string;
  /** Digest input of scopes and roles, stable while nothing was granted or withdrawn. */
  fingerprint: string;
  scopeObjects: ScopeObject[];
  /** Domains that the directory itself has verified for the customer; empty where it cannot tell. */
  verifiedDomains: string[];
}

/** A direct read of one person. */
export type Reading =
  | { kind: 'found'; record: DirectoryRecord; observedAt: Date }
  /** `positive`: the directory said that it was deleted, rather than that it knows of nobody. */
  | { kind: 'missing'; positive: boolean; observedAt: Date }
  | { kind: 'unknown'; because: string; observedAt: Date };

/** Positive evidence that a person left, read in bulk. */
export interface Evidence {
  externalId: string;
  verdict: 'deleted' | 'deprovisioned';
  observedAt: Date;
}

/** People named by a delta. `everything`: something moved that can move many; a full read must follow. */
export interface DeltaPage {
  externalIds: string[];
  everything: boolean;
  nextCursor: Cursor;
  /** False while more pages wait behind `nextCursor`. */
  done: boolean;
}

export interface Capabilities {
  delta: boolean;
  /** People a page holds at most; progress and benchmarks show it. */
  pageSize: number;
}

/** Something that the directory keeps of its people, and the path by which a mapping names it. */
export interface DirectoryAttribute {
  path: string;
  /** As the directory's own console calls it. */
  label: string;
  type: 'text' | 'number' | 'boolean' | 'date' | 'other';
  /** A list of values. */
  multiple: boolean;
  /** Made by the customer, rather than there for everybody. */
  custom: boolean;
}

export interface AttributeList {
  /** Standard ones first. Each path is one that a mapping may name. */
  items: DirectoryAttribute[];
  /** Paths of the mapping that would be listed if they were right: misspelt, or deleted since. */
  unlisted: string[];
}

/** One line of `Test connection`: what was tried, and the mend when it failed. */
export interface Check {
  name: string;
  outcome: 'passed' | 'warning' | 'failed' | 'skipped';
  message: string;
}

/**
 * Reads one directory. Never decides, never stores, throws only ConnectorError (and the signal's abort reason).
 * Retries, quota share, time-outs and size limits are its own business; every wait obeys the signal.
 */
export interface Connector {
  readonly capabilities: Capabilities;
  /** @throws {ConnectorError} `unauthorized` when credentials, roles or a scope object are not what they must be. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** The next page of the full read; null begins it. */
  fetchPage(cursor: Cursor | null, signal: AbortSignal): Promise<Page>;
  /** One person with the scope verdict. */
  readOne(externalId: string, signal: AbortSignal): Promise<Reading>;
  /** For *Why?* and imports: the person whose mapped address this is, whatever the scope says. */
  readByEmail(email: string, signal: AbortSignal): Promise<Reading>;
  /** Positive evidence for leavers since a time, in bulk. May see more people than asked for. */
  leavers(since: Date, signal: AbortSignal): AsyncIterable<Evidence[]>;
  /** Where the next delta starts; taken before a full read. Null where there is no delta. */
  deltaStart(now: Date, signal: AbortSignal): Promise<Cursor | null>;
  /** @throws {ConnectorError} `cursor_expired` when a full read must follow. */
  fetchDelta(cursor: Cursor, signal: AbortSignal): Promise<DeltaPage>;
  /**
   * What a mapping can name. Needs a grant of its own, which no sync needs or asks for.
   *
   * @throws {ConnectorError} `unauthorized` with the mend when that grant is missing.
   */
  attributes(signal: AbortSignal): Promise<AttributeList>;
  /** Tries everything that a sync will need, in order, and says for each what works and what to mend. Never throws. */
  test(signal: AbortSignal): Promise<Check[]>;
  /** Requests sent so far, retries included. */
  readonly requests: number;
  close(): Promise<void>;
}
