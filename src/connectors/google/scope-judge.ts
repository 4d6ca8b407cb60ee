import type { Clock } from '../../common/clock.js';
import type { ScopeVerdict } from '../../sync/model.js';
import type { ScopeObject } from '../connector.js';
import { ConnectorError } from '../errors.js';
import { EXCLUDED, exclusions, type Exclusions } from '../exclusions.js';
import type { JsonObject } from '../json.js';
import { Fault } from '../text.js';
import type { DirectoryReads } from './directory-reads.js';
import { Fresh } from './fresh.js';
import { walkGroups, type Membership } from './group-members.js';
import type { Judge } from './record.js';
import type { GoogleScope } from './settings.js';
import { isWithin, normalUnitPath } from './unit-paths.js';

/** How the scope was understood: the groups or units that it names, as they are now. */
export interface ResolvedScope {
  objects: ScopeObject[];
  /** Names of the scope that nothing answers to. */
  missing: string[];
}

/** Verdicts of one read. */
export interface ReadScope {
  judge: Judge;
  /** When the reading of what verdicts rest on began; null when they rest on the user alone. */
  since: Date | null;
  /** To be called after the last page. @throws {ConnectorError} `cursor_expired` when what was judged by has moved. */
  confirm: (signal: AbortSignal) => Promise<void>;
}

const IN: ScopeVerdict = { in: true };
/** Paths whose verdict is remembered; a company has far fewer units than people. */
const REMEMBERED_PATHS = 5_000;
/** What direct reads in a row share – names of the scope, nesting of groups – is taken for true this long. */
const FRESH_MS = 60_000;

/** Decides who is in scope. One for each kind of scope. */
export interface ScopeReader {
  resolve(reads: DirectoryReads, signal: AbortSignal): Promise<ResolvedScope>;
  /** For a full read: whatever it takes is fetched once. */
  forRead(reads: DirectoryReads, signal: AbortSignal): Promise<ReadScope>;
  /** For one person, from fresh evidence. */
  forOne(reads: DirectoryReads, userId: string, signal: AbortSignal): Promise<Judge>;
}

export function scopeReader(scope: GoogleScope, clock: Clock): ScopeReader {
  const excluded = exclusions(scope.excluded);
  switch (scope.kind) {
    case 'directory':
      return wholeCustomer(excluded);
    case 'units':
      return new UnitScope(scope.units, excluded, clock);
    case 'groups':
      return new GroupScope(scope.groups, excluded, clock);
  }
}

function sift(excluded: Exclusions, verdict: (user: JsonObject, externalId: string) => ScopeVerdict): Judge {
  return (user, externalId, email) => (excluded(externalId, email) ? EXCLUDED : verdict(user, externalId));
}

function nothingMoves(): Promise<void> {
  return Promise.resolve();
}

function wholeCustomer(excluded: Exclusions): ScopeReader {
  const judge = sift(excluded, () => IN);
  return {
    resolve: () => Promise.resolve({ objects: [], missing: [] }),
    forRead: () => Promise.resolve({ judge, since: null, confirm: nothingMoves }),
    forOne: () => Promise.resolve(judge),
  };
}

function missingObjects(kind: 'group' | 'unit', names: readonly string[]): ConnectorError {
  return new ConnectorError(
    'unauthorized',
    `The scope names a ${kind} that does not exist (any more, or under this name): ${names.join(', ')}; choose the ${kind}s of the scope anew.`,
  );
}

class UnitScope implements ScopeReader {
  private readonly fresh: Fresh<string[]>;

  constructor(
    private readonly names: readonly string[],
    private readonly excluded: Exclusions,
    clock: Clock,
  ) {
    this.fresh = new Fresh(clock, FRESH_MS);
  }

  async resolve(reads: DirectoryReads, signal: AbortSignal): Promise<ResolvedScope> {
    const units = (await reads.units(signal)).map((unit) => ({ ...unit, path: normalUnitPath(unit.path) }));
    const objects: ScopeObject[] = [];
    const missing: string[] = [];
    for (const name of this.names) {
      const path = name.startsWith('id:') ? null : normalUnitPath(name);
      const found = units.find((unit) => (path === null ? unit.id === name : unit.path === path));
      if (found === undefined) missing.push(name);
      else if (!objects.some((object) => object.id === found.id))
        objects.push({ kind: 'unit', id: found.id, name: found.path, size: null });
    }
    return { objects, missing };
  }

  async forRead(reads: DirectoryReads, signal: AbortSignal): Promise<ReadScope> {
    const before = await this.paths(reads, signal);
    return {
      judge: this.judge(before),
      since: null,
      confirm: async (late) => {
        // A unit that is renamed during the read shows some people under the old path and some under the new one.
        const after = await this.paths(reads, late);
        if (after.length !== before.length || after.some((path, i) => path !== before[i])) {
          throw new ConnectorError(
            'cursor_expired',
            'A unit of the scope was renamed or moved during the read; it is read anew.',
          );
        }
      },
    };
  }

  async forOne(reads: DirectoryReads, _userId: string, signal: AbortSignal): Promise<Judge> {
    return this.judge(await this.fresh.get(() => this.paths(reads, signal), signal));
  }

  private async paths(reads: DirectoryReads, signal: AbortSignal): Promise<string[]> {
    const { objects, missing } = await this.resolve(reads, signal);
    if (missing.length > 0) throw missingObjects('unit', missing);
    return objects.map((object) => object.name);
  }

  private judge(paths: readonly string[]): Judge {
    const out: ScopeVerdict = { in: false, because: `In none of the units ${paths.join(', ')}, nor below.` };
    const known = new Map<string, ScopeVerdict>();
    return sift(this.excluded, (user) => {
      const { orgUnitPath } = user;
      if (typeof orgUnitPath !== 'string')
        throw new Fault('Its orgUnitPath is missing, so nobody knows whether it is in scope.');
      const remembered = known.get(orgUnitPath);
      if (remembered !== undefined) return remembered;
      const path = normalUnitPath(orgUnitPath);
      const verdict = paths.some((above) => isWithin(path, above)) ? IN : out;
      if (known.size < REMEMBERED_PATHS) known.set(orgUnitPath, verdict);
      return verdict;
    });
  }
}

class GroupScope implements ScopeReader {
  /** The groups of the scope, and what the last walk found within them: direct reads in a row need no walk each. */
  private readonly freshRoots: Fresh<ScopeObject[]>;
  private readonly nesting: Fresh<Pick<Membership, 'groups' | 'everyone'>>;

  constructor(
    private readonly names: readonly string[],
    private readonly excluded: Exclusions,
    private readonly clock: Clock,
  ) {
    this.freshRoots = new Fresh(clock, FRESH_MS);
    this.nesting = new Fresh(clock, FRESH_MS);
  }

  async resolve(reads: DirectoryReads, signal: AbortSignal): Promise<ResolvedScope> {
    const objects: ScopeObject[] = [];
    const missing: string[] = [];
    for (const name of this.names) {
      const group = await reads.group(name, signal);
      const id = group?.['id'];
      if (group === null) missing.push(name);
      else if (typeof id !== 'string' || id === '')
        throw new ConnectorError('bad_response', 'Google describes a group without an id.');
      else if (!objects.some((object) => object.id === id))
        objects.push({ kind: 'group', id, name: labelOf(group, name), size: sizeOf(group) });
    }
    return { objects, missing };
  }

  async forRead(reads: DirectoryReads, signal: AbortSignal): Promise<ReadScope> {
    const since = this.clock.now();
    const roots = await this.roots(reads, signal);
    const membership = await walkGroups(reads, idsOf(roots), signal);
    this.nesting.keep({ groups: membership.groups, everyone: membership.everyone }, since);
    const judge = this.judge(roots, (id) => membership.everyone || membership.users.has(id));
    return { judge, since, confirm: nothingMoves };
  }

  async forOne(reads: DirectoryReads, userId: string, signal: AbortSignal): Promise<Judge> {
    const roots = await this.freshRoots.get(() => this.roots(reads, signal), signal);
    const direct = await reads.groupsOf(userId, signal);
    const isIn =
      direct.some((id) => roots.some((root) => root.id === id)) || (await this.isWithin(reads, roots, direct, signal));
    return this.judge(roots, () => isIn);
  }

  /** Is one of the groups that somebody is directly in nested in the scope, or is everybody in it? */
  private async isWithin(
    reads: DirectoryReads,
    roots: readonly ScopeObject[],
    direct: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { everyone, groups } = await this.nesting.get(async () => {
      const walked = await walkGroups(reads, idsOf(roots), signal);
      return { groups: walked.groups, everyone: walked.everyone };
    }, signal);
    return everyone || direct.some((id) => groups.has(id));
  }

  private async roots(reads: DirectoryReads, signal: AbortSignal): Promise<ScopeObject[]> {
    const { objects, missing } = await this.resolve(reads, signal);
    if (missing.length > 0) throw missingObjects('group', missing);
    return objects;
  }

  private judge(roots: readonly ScopeObject[], isIn: (userId: string) => boolean): Judge {
    const out: ScopeVerdict = {
      in: false,
      because: `In none of the groups ${roots.map((root) => root.name).join(', ')}, nor in a group within them.`,
    };
    return sift(this.excluded, (_user, externalId) => (isIn(externalId) ? IN : out));
  }
}

function idsOf(objects: readonly ScopeObject[]): string[] {
  return objects.map((object) => object.id);
}

function labelOf(group: JsonObject, otherwise: string): string {
  const { name, email } = group;
  if (typeof name === 'string' && name !== '') return name;
  return typeof email === 'string' ? email : otherwise;
}

/** `directMembersCount` is a number written as text. */
function sizeOf(group: JsonObject): number | null {
  const { directMembersCount: count } = group;
  return typeof count === 'string' && /^\d{1,9}$/u.test(count) ? Number(count) : null;
}
