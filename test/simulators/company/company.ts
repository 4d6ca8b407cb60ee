import { Memberships } from './memberships.ts';
import type { Person } from './model.ts';
import { Random } from './random.ts';

export interface Churn {
  edits?: number;
  joins?: number;
  suspends?: number;
  leaves?: number;
  moves?: number;
}

/** A company that lives on. What can happen stands in `individuals.ts` and `memberships.ts`; here it happens by chance. */
export class Company extends Memberships {
  /** People who are employed, the admin included. */
  employed(): Person[] {
    return this.people.filter((person) => person.state === 'employed');
  }

  /** Several things at once. `moves` change the unit and the department; `edits` the title alone. */
  churn(counts: Churn): void {
    this.edit(counts.edits ?? 0);
    this.join(counts.joins ?? 0);
    this.suspend(counts.suspends ?? 0);
    for (const person of this.move(counts.moves ?? 0)) this.changeUnit(person);
    this.leave(counts.leaves ?? 0);
  }

  /** Every id is given anew while addresses stay, as after a migration of the tenant. */
  reissueIds(): void {
    this.ids.epoch++;
    this.revision++;
    for (const person of this.people) person.version++;
    for (const group of this.groups) group.version++;
  }

  /**
   * Random life: `steps` things happen, the same for the same seed and company.
   * @returns one line per step, to be shown when a property fails.
   */
  live(seed: number, steps: number): string[] {
    const random = new Random(seed);
    const lines: string[] = [];
    for (let i = 0; i < steps; i++) lines.push(this.#step(random));
    return lines;
  }

  #step(random: Random): string {
    const [name, happen] = random.pick(this.#possibilities(random));
    const who = happen();
    return `${name}: ${who.map((person) => `${person.n} ${person.email}`).join(', ') || 'nobody'}`;
  }

  #possibilities(random: Random): (readonly [string, () => Person[]])[] {
    const some = (states: readonly Person['state'][], count = 1): Person[] =>
      random.sample(
        this.people.filter((one) => one.n !== 0 && states.includes(one.state)),
        count,
      );
    const group = random.pick(this.groups.filter((one) => one.kind !== 'everyone' && !one.deleted));
    const inGroup = (person: Person | undefined, change: (person: Person) => void): Person[] => {
      if (person) change(person);
      return person ? [person] : [];
    };
    return [
      ['join', () => this.join(1)],
      ['join', () => this.join(2)],
      ['stage', () => this.stage(1)],
      ['begin', () => this.begin(some(['staged']))],
      ['move', () => this.move(some(['employed'], 2))],
      ['edit', () => this.edit(some(['employed'], 3))],
      ['marry', () => this.marry(some(['employed']))],
      ['suspend', () => this.suspend(some(['employed']))],
      ['unsuspend', () => this.unsuspend(some(['suspended']))],
      ['leave', () => this.leave(some(['employed', 'suspended']))],
      ['archive', () => this.archive(some(['employed']))],
      ['deprovision', () => this.deprovision(some(['employed']))],
      ['erase', () => this.erase(some(['employed', 'left', 'deprovisioned']))],
      ['return', () => this.returnBack(some(['left', 'deprovisioned', 'archived']))],
      ['recreate', () => this.recreate(some(['employed']))],
      ['exchange', () => this.#exchange(some(['employed'], random.chance(0.7) ? 2 : 3))],
      ['unit', () => some(['employed']).flatMap((person) => this.changeUnit(person, random.int(this.units.length)))],
      [`add to ${group.name}`, () => inGroup(some(['employed'])[0], (person) => this.addToGroup(group, person))],
      [
        `remove from ${group.name}`,
        () => {
          const [n] = random.sample([...group.members], 1);
          return inGroup(n === undefined ? undefined : this.person(n), (person) => this.removeFromGroup(group, person));
        },
      ],
      ['assign', () => inGroup(some(['employed'])[0], (person) => this.assign(person))],
      [
        'unassign',
        () => {
          const [n] = random.sample([...this.application.direct], 1);
          return inGroup(n === undefined ? undefined : this.person(n), (person) => this.unassign(person));
        },
      ],
    ];
  }

  #exchange(ring: Person[]): Person[] {
    if (ring.length > 1) this.exchangeAddresses(...ring);
    return ring;
  }
}
