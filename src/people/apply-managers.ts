import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { resolveManagers } from '../sync/managers.js';
import { ManagerChainsRepository } from './manager-chains.repository.js';
import type { Change } from './people.types.js';

/**
 * No change closes a loop of managers, whatever it knew when it was decided. Joiners need no look: nobody reports to them
 * before they are there, and whoever is given them as a manager is looked at.
 */
@Injectable()
export class ApplyManagers {
  constructor(private readonly chains: ManagerChainsRepository) {}

  /** Before anybody is locked: two who give managers at once see what the other did. */
  async queue(tx: Tx, changes: readonly Change[]): Promise<void> {
    if (changes.some(givesManager)) await this.chains.lock(tx);
  }

  /** Ids of changes whose manager would close a loop, with others of this batch or with what stands. */
  async closing(tx: Tx, changes: readonly Change[]): Promise<Set<string>> {
    const edges = changes.flatMap(({ id, kind, personId, after: { managerId } }) =>
      kind === 'add' || managerId === undefined ? [] : [{ change: id, personId, managerId }],
    );
    if (!edges.some((edge) => edge.managerId !== null)) return new Set();
    const joiners = changes.filter((change) => change.kind === 'add');
    const asked = new Set(edges.map((edge) => edge.personId));
    for (const { managerId } of [...edges, ...joiners.map(({ after }) => after)]) if (managerId) asked.add(managerId);
    const above = await this.chains.above(tx, [...asked]);
    for (const { personId, after } of joiners) above.set(personId, after.managerId ?? null);
    const { refused } = resolveManagers(edges, (personId) => above.get(personId) ?? null);
    const people = new Set(refused.map((edge) => edge.personId));
    return new Set(edges.flatMap((edge) => (people.has(edge.personId) ? [edge.change] : [])));
  }
}

function givesManager({ kind, after }: Change): boolean {
  return kind !== 'add' && after.managerId !== undefined && after.managerId !== null;
}
