import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { ManagerNoticesRepository, type ManagerStanding } from './manager-notices.repository.js';
import type { Step } from './people.types.js';

const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** "Ana left: seven people need a manager": one notice per manager, for as long as somebody reports to them. */
@Injectable()
export class ManagerNotices {
  constructor(private readonly notices: ManagerNoticesRepository) {}

  /** Looks at every manager whom these steps concern, as it is once they are written. */
  async follow(tx: Tx, steps: readonly Step[], now: Date): Promise<void> {
    const managers = managersConcerned(steps);
    if (managers.length === 0) return;
    const standing = await this.notices.standing(tx, managers);
    const missed = standing.filter((one) => one.state === 'archived' && one.reports > 0);
    const mended = standing.filter((one) => one.noticed && !(one.state === 'archived' && one.reports > 0));
    if (missed.length > 0) {
      const rows = missed.map((one) => ({
        id: newId(),
        person_id: one.id,
        message: managerLeft(one),
        reports: one.reports,
      }));
      await this.notices.raise(tx, JSON.stringify(rows), now);
    }
    if (mended.length > 0) {
      await this.notices.mend(tx, mended.map((one) => one.id), now); // prettier-ignore
    }
  }
}

export function managerLeft(manager: Pick<ManagerStanding, 'firstName' | 'lastName' | 'email' | 'reports'>): string {
  const name = [manager.firstName, manager.lastName].filter(Boolean).join(' ') || manager.email;
  const count = NUMBERS[manager.reports] ?? manager.reports.toString();
  return `${name} left: ${count} ${manager.reports === 1 ? 'person needs' : 'people need'} a manager.`;
}

/** Those who left or came back, and those whom people who changed had or have as their manager. */
function managersConcerned(steps: readonly Step[]): string[] {
  const concerned = new Set<string>();
  for (const { current, next } of steps) {
    if (current && (current.state === 'archived') !== (next.state === 'archived')) {
      concerned.add(next.id);
      if (next.managerId) concerned.add(next.managerId);
    }
    if (current?.managerId && current.managerId !== next.managerId) concerned.add(current.managerId);
  }
  return [...concerned];
}
