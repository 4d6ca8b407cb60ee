import { Injectable } from '@nestjs/common';
import { emailDomain } from '../common/email.js';
import { policyOf } from '../connections/connections.types.js';
import type { Tx } from '../database/tx.js';
import type {
  Facts,
  ManagedField,
  Observation,
  OtherConnection,
  OverrideFacts,
  Rival,
  WitnessVerdict,
} from '../sync/facts.js';
import { VERDICT_WINDOW_MS } from '../sync/policy.js';
import { FactsRepository, type CandidateRow, type SubjectRow } from './facts.repository.js';
import { managerRef } from './observing.js';
import { directoryOf, type RunContext } from './run-context.js';

/** Everything that one decision rests on, and what its application needs besides. */
export interface Subject {
  row: SubjectRow;
  facts: Facts;
  /** Candidate whose link an admin approved: this record is this person. */
  approvedFor: string | null;
  manager: ManagerFound | null;
}

export interface ManagerFound {
  /** As the record names the manager: an external id or a canonical address. */
  awaited: string;
  personId: string | null;
  /** A record of this run that is nobody's yet: its person may come with this plan. */
  externalId: string | null;
}

/** What exists at all of the rarer facts, so that a batch asks only for what can be there. */
export interface Extent {
  /** The other connections, and the fields that the mapping of each manages. */
  others: ReadonlyMap<string, readonly ManagedField[]>;
  overrides: boolean;
  approvals: boolean;
}

/** Brings the facts of some thousand records together: one query for each kind of fact, never one per record. */
@Injectable()
export class FactsAssembler {
  constructor(private readonly facts: FactsRepository) {}

  async extent(tx: Tx, context: RunContext): Promise<Extent> {
    const { organisationId, connectionId } = context;
    const others = await this.facts.otherConnections(tx, organisationId, connectionId);
    return {
      ...(await this.facts.extent(tx, organisationId, connectionId)),
      others: new Map(others.map(({ id, settings, rank }) => [id, policyOf(settings, rank).managed])),
    };
  }

  async assemble(tx: Tx, context: RunContext, rows: SubjectRow[], extent: Extent, now: Date): Promise<Subject[]> {
    const { organisationId, connectionId, runId } = context;
    const addresses = distinct(rows.map((row) => (row.source === 'absent' ? null : row.emailCanonical)));
    const people = distinct(rows.map((row) => row.personId));
    const ids = rows.map((row) => row.externalId);
    const linked = keyed(
      people.length > 0 ? await this.facts.people(tx, organisationId, people) : [],
      (person) => person.id,
    );
    const candidates = grouped(
      addresses.length > 0 ? await this.facts.candidates(tx, organisationId, connectionId, runId, addresses) : [],
      (candidate) => candidate.emailCanonical,
    );
    const rivals = grouped(
      addresses.length > 0 ? await this.facts.rivals(tx, organisationId, connectionId, runId, addresses) : [],
      (rival) => rival.address,
    );
    const others = grouped(await this.others(tx, context, extent, rows, candidates, now), (other) => other.personId);
    const overrides = extent.overrides
      ? await this.facts.overrides(tx, organisationId, connectionId, ids, [
          ...linked.keys(),
          ...[...candidates.values()].flat().map((one) => one.id),
        ])
      : [];
    const approved = new Map<string, string>();
    if (extent.approvals) {
      const links = await this.facts.approvedLinks(tx, organisationId, connectionId, ids);
      for (const link of links) approved.set(link.externalId, link.personId);
    }
    const managers = await this.managers(tx, context, rows);
    return rows.map((row): Subject => {
      const person = row.personId === null ? null : (linked.get(row.personId) ?? null);
      const known =
        row.emailCanonical === null || row.source === 'absent' ? [] : (candidates.get(row.emailCanonical) ?? []);
      const candidate = person === null ? (known.find((one) => !one.isArchived) ?? known[0] ?? null) : null;
      const holder = known.find((one) => !one.isArchived && one.id !== person?.id);
      const about = person?.id ?? candidate?.id ?? null;
      return {
        row,
        approvedFor: approved.get(row.externalId) ?? null,
        manager: this.managerOf(row, managers),
        facts: {
          externalId: row.externalId,
          observed: this.observationOf(context, row),
          mirror: mirrorOf(row),
          linked: person,
          candidate: candidate === null ? null : withDates(candidate),
          holder: holder ? { personId: holder.id } : null,
          holderMovesOn: false,
          rivals: rivalsOf(row, rivals),
          others: about === null ? [] : firstOfEach(others.get(about) ?? []),
          witness: witnessOf(row),
          overrides: overridesOf(row.externalId, about, overrides),
          now,
        },
      };
    });
  }

  private async others(
    tx: Tx,
    context: RunContext,
    extent: Extent,
    rows: SubjectRow[],
    candidates: Map<string, CandidateRow[]>,
    now: Date,
  ): Promise<(OtherConnection & { personId: string })[]> {
    if (extent.others.size === 0) return [];
    const people = distinct([
      ...rows.map((row) => row.personId),
      ...[...candidates.values()].flat().map((one) => one.id),
    ]);
    if (people.length === 0) return [];
    const since = new Date(now.getTime() - VERDICT_WINDOW_MS);
    const said = await this.facts.others(tx, context.organisationId, context.connectionId, people, since);
    return said.map((other) => ({ ...other, managed: extent.others.get(other.connectionId) ?? [] }));
  }

  private async managers(
    tx: Tx,
    context: RunContext,
    rows: SubjectRow[],
  ): Promise<Map<string, { personId: string | null; externalId: string | null }>> {
    const refs = directoryOf(context).policy.managed.includes('manager')
      ? distinct(rows.map((row) => (row.source === 'absent' ? null : managerRef(row.body?.manager ?? null))))
      : [];
    if (refs.length === 0) return new Map();
    const ids = refs.filter((ref) => ref.startsWith('id:')).map((ref) => ref.slice('id:'.length));
    const addresses = refs.filter((ref) => ref.startsWith('email:')).map((ref) => ref.slice('email:'.length));
    const found = await this.facts.managers(
      tx,
      context.organisationId,
      context.connectionId,
      context.runId,
      ids,
      addresses,
    );
    return new Map(found.map(({ key, personId, externalId }) => [key, { personId, externalId }]));
  }

  private managerOf(
    row: SubjectRow,
    managers: Map<string, { personId: string | null; externalId: string | null }>,
  ): ManagerFound | null {
    const ref = row.source === 'absent' ? null : managerRef(row.body?.manager ?? null);
    if (ref === null) return null;
    const found = managers.get(ref);
    return {
      awaited: ref.slice(ref.indexOf(':') + 1),
      personId: found?.personId ?? null,
      externalId: found?.externalId ?? null,
    };
  }

  private observationOf(context: RunContext, row: SubjectRow): Observation | null {
    if (row.source === 'absent') return null;
    const { verifiedDomains } = directoryOf(context);
    return {
      record: row.body,
      emailCanonical: row.emailCanonical,
      domainVerified: row.emailCanonical !== null && verifiedDomains.has(emailDomain(row.emailCanonical)),
      fault: row.fault,
      scope: row.inScope
        ? { in: true }
        : { in: false, because: row.outOfScopeBecause ?? 'not taken in by the connection' },
      hash: row.hash.toString('base64'),
      observedAt: row.observedAt,
      source: row.source === 'direct' ? 'direct' : 'page',
    };
  }
}

function mirrorOf(row: SubjectRow): Facts['mirror'] {
  if (row.mirrorHash === null || row.mirrorObservedAt === null) return null;
  return {
    observedHash: row.mirrorHash.toString('base64'),
    settledHash: row.mirrorSettledHash?.toString('base64') ?? null,
    observedAt: row.mirrorObservedAt,
    employed: row.mirrorEmployed ?? false,
    inScope: row.mirrorInScope ?? false,
    missedReads: row.mirrorMissedReads ?? 0,
    goneAt: row.mirrorGoneAt,
  };
}

/** Dates inside of jsonb come as text. */
function withDates(candidate: CandidateRow): CandidateRow {
  const { linkedRecord } = candidate;
  if (linkedRecord === null || linkedRecord.goneAt === null) return candidate;
  return { ...candidate, linkedRecord: { ...linkedRecord, goneAt: new Date(linkedRecord.goneAt) } };
}

function rivalsOf(row: SubjectRow, rivals: Map<string, (Rival & { address: string })[]>): Rival[] {
  if (row.emailCanonical === null) return [];
  return (rivals.get(row.emailCanonical) ?? [])
    .filter((rival) => rival.externalId !== row.externalId)
    .map(({ externalId, personId }) => ({ externalId, personId }));
}

/** A person may have several records of another connection; the living one speaks. */
function firstOfEach(others: (OtherConnection & { personId: string })[]): OtherConnection[] {
  return [...keyed(others.toReversed(), (other) => other.connectionId).values()].toSorted((a, b) => a.rank - b.rank);
}

function overridesOf(
  externalId: string,
  personId: string | null,
  overrides: (OverrideFacts & { externalId: string | null; personId: string })[],
): OverrideFacts[] {
  return overrides
    .filter((one) => (one.externalId === null ? one.personId === personId : one.externalId === externalId))
    .map(({ id, kind, factsHash }) => ({ id, kind, factsHash }));
}

/** A bare 404 is no evidence until a second complete read, an interval after the first, missed the record as well. */
function witnessOf(row: SubjectRow): WitnessVerdict | null {
  switch (row.verdict) {
    case null:
      return null;
    case 'deleted':
    case 'deprovisioned':
      return { says: 'gone', how: row.verdict };
    // Nobody was asked yet, because so many are missing that they are held before: for the plan they are gone.
    case 'unasked':
    case 'missed_twice':
      return { says: 'gone', how: 'missed_twice' };
    case 'not_employed':
      return { says: 'not_employed', status: row.because ?? 'unknown' };
    case 'out_of_scope':
      return { says: 'out_of_scope', because: row.because ?? 'not taken in by the connection' };
    case 'present':
      return { says: 'present' };
    case 'missing':
      return { says: 'missing' };
    case 'unknown':
      return { says: 'unknown', because: row.because ?? 'The directory could not tell.' };
  }
}

function distinct(values: (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}

function keyed<T>(rows: T[], key: (row: T) => string): Map<string, T> {
  return new Map(rows.map((row) => [key(row), row]));
}

function grouped<T>(rows: T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
