import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';
import type { DirectoryReads } from './directory-reads.js';

/** Groups that a scope may contain, nested ones included. */
const MOST_GROUPS = 20_000;

/** Everybody in some groups and in the groups within them. */
export interface Membership {
  /** Ids of users. Members of other companies may be among them; no listing of ours has those. */
  users: ReadonlySet<string>;
  /** Ids of the groups and of all groups within them. */
  groups: ReadonlySet<string>;
  /** One of the groups has the member "all users of the customer". */
  everyone: boolean;
}

/**
 * Walks groups and the groups within them. Each group is read once, in a queue rather than by recursion, so a group
 * within itself or nesting of any depth ends like any other. Ids only are kept: a group of 200,000 members costs
 * some 15 MB while a read lasts.
 *
 * @param roots Ids of the groups of the scope, known to exist.
 * @throws {ConnectorError} `unauthorized` when one of `roots` is gone; `unavailable` when a group may not be read: a
 *   membership with a hole in it would make leavers.
 */
export async function walkGroups(
  reads: DirectoryReads,
  roots: readonly string[],
  signal: AbortSignal,
): Promise<Membership> {
  const users = new Set<string>();
  const groups = new Set<string>(roots);
  let everyone = false;
  // A set iterates over what is added to it on the way: it is queue and memory of the visited in one.
  for (const group of groups) {
    for await (const page of reads.members(group, signal)) {
      if (page === null) {
        await mustBeGone(reads, group, roots.includes(group), signal);
        groups.delete(group);
        break;
      }
      for (const member of page) {
        const { kind, id } = memberOf(member);
        if (kind === 'CUSTOMER') everyone = true;
        else if (kind === 'USER') users.add(id);
        else if (kind === 'GROUP') groups.add(id);
      }
    }
    if (groups.size > MOST_GROUPS) {
      throw new ConnectorError(
        'bad_response',
        `The groups of the scope contain more than ${MOST_GROUPS} groups; choose smaller ones.`,
      );
    }
  }
  return { users, groups, everyone };
}

/** A group that was within another a moment ago: really deleted, or is the answer wrong? */
async function mustBeGone(reads: DirectoryReads, group: string, isRoot: boolean, signal: AbortSignal): Promise<void> {
  if ((await reads.group(group, signal)) !== null) {
    throw new ConnectorError(
      'unavailable',
      'Google knows a group and says of its members that there is no such group.',
      { passing: false },
    );
  }
  if (isRoot) {
    throw new ConnectorError(
      'unauthorized',
      'A group of the scope does not exist any more; choose the groups of the scope anew.',
    );
  }
}

/** EXTERNAL members have no user of the customer behind them; devices and the like are no people. */
function memberOf(member: unknown): { kind: string; id: string } {
  if (!isObject(member) || typeof member['type'] !== 'string') {
    throw new ConnectorError('bad_response', 'Google lists a member of a group without a type.');
  }
  const { type: kind, id } = member;
  if (kind !== 'USER' && kind !== 'GROUP') return { kind, id: '' };
  if (typeof id !== 'string' || id === '') {
    throw new ConnectorError('bad_response', 'Google lists a member of a group without an id.');
  }
  return { kind, id };
}
