import type {
  CandidateFacts,
  Facts,
  MirrorFacts,
  Observation,
  OtherConnection,
  PersonFacts,
  Reference,
} from '../../src/sync/facts.js';
import type { DirectoryRecord } from '../../src/sync/model.js';

/** The moment at which every example is decided. */
export const NOW = new Date('2026-03-01T12:00:00Z');

export const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);

export const fold = (text: string): string => text.normalize('NFC').trim().toLowerCase().replace(/\s+/gu, ' ');

export function record(over: Partial<DirectoryRecord> = {}): DirectoryRecord {
  return {
    externalId: 'ana-1',
    email: 'ana@example.com',
    firstName: 'Ana',
    lastName: 'Horvat',
    department: null,
    title: null,
    manager: null,
    employeeNumber: null,
    extras: {},
    status: 'employed',
    scope: { in: true },
    lastSignInAt: null,
    ...over,
  };
}

/** What a page of a read says of a record; the address is canonical by folding alone. */
export function seen(over: Partial<DirectoryRecord> = {}, about: Partial<Observation> = {}): Observation {
  const whole = record(over);
  return {
    record: whole,
    emailCanonical: whole.email === null ? null : fold(whole.email),
    domainVerified: true,
    fault: null,
    scope: whole.scope,
    hash: JSON.stringify(whole),
    observedAt: NOW,
    source: 'page',
    ...about,
  };
}

export function person(over: Partial<PersonFacts> = {}): PersonFacts {
  const state = over.state ?? 'active';
  return {
    id: 'person-ana',
    state,
    email: 'ana@example.com',
    emailCanonical: 'ana@example.com',
    firstName: 'Ana',
    lastName: 'Horvat',
    teamId: null,
    positionId: null,
    managerId: null,
    employeeNumber: null,
    attributes: {},
    isAdmin: false,
    isProtected: false,
    archiveReasons: state === 'archived' ? ['directory'] : [],
    archivedAt: state === 'archived' ? daysAgo(10) : null,
    version: 7,
    ...over,
  };
}

export function candidate(over: Partial<CandidateFacts> = {}): CandidateFacts {
  return { ...person(over), linkedRecord: null, ...over };
}

export function mirror(over: Partial<MirrorFacts> = {}): MirrorFacts {
  return {
    observedHash: 'known',
    settledHash: 'known',
    observedAt: daysAgo(1),
    employed: true,
    inScope: true,
    missedReads: 0,
    goneAt: null,
    ...over,
  };
}

export function facts(over: Partial<Facts> = {}): Facts {
  return {
    externalId: 'ana-1',
    observed: seen(),
    mirror: null,
    linked: null,
    candidate: null,
    holder: null,
    holderMovesOn: false,
    rivals: [],
    others: [],
    witness: null,
    overrides: [],
    now: NOW,
    ...over,
  };
}

/** Facts of a record that is linked to Ana, who equals it. */
export function linkedFacts(over: Partial<Facts> = {}): Facts {
  return facts({ mirror: mirror(), linked: person(), ...over });
}

/** Facts of Ana's record that a complete read did not show. */
export function absentFacts(over: Partial<Facts> = {}): Facts {
  return linkedFacts({ observed: null, ...over });
}

export function other(over: Partial<OtherConnection> = {}): OtherConnection {
  return { connectionId: 'other', rank: 2, knows: true, employed: true, trusted: true, record: null, ...over };
}

const teams = [
  { id: 'team-apps', frameworkId: 'engineering', name: 'Apps' },
  { id: 'team-sales', frameworkId: 'selling', name: 'Sales' },
  { id: 'team-loose', frameworkId: null, name: 'Loose' },
];

const positions = [
  { id: 'engineer', frameworkId: 'engineering', name: 'Engineer' },
  { id: 'lead-engineering', frameworkId: 'engineering', name: 'Lead' },
  { id: 'lead-selling', frameworkId: 'selling', name: 'Lead' },
  { id: 'seller', frameworkId: 'selling', name: 'Account Executive' },
];

/** Two frameworks, each with a team, a position of their own and one called Lead; one team without framework. */
export function reference(): Reference {
  return {
    fold,
    teamsByName: new Map(teams.map((team) => [fold(team.name), team])),
    teamsById: new Map(teams.map((team) => [team.id, team])),
    positionsByName: Map.groupBy(positions, (position) => fold(position.name)),
    positionsById: new Map(positions.map((position) => [position.id, position])),
    teamAliases: new Map([['applications', 'team-apps']]),
    positionAliases: new Map([['swe', 'engineer']]),
  };
}
