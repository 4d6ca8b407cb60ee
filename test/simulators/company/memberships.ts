import type { Group, Person, Unit } from './model.ts';
import { isDeprovisionedInOkta, isInGoogle, isInOkta } from './model.ts';
import { Individuals } from './individuals.ts';

/** Groups, units and the application: who is in what, and how that changes. */
export class Memberships extends Individuals {
  addGroup(name: string, members: readonly Person[] = [], given: Partial<Omit<Group, 'n' | 'members'>> = {}): Group {
    const now = this.clock.now();
    const group: Group = {
      n: this.groups.length,
      name,
      email: `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}@${this.domain}`,
      description: '',
      kind: 'ordinary',
      nested: new Set(),
      wholeCustomer: false,
      external: [],
      created: now,
      lastUpdated: now,
      lastMembershipUpdated: now,
      deleted: false,
      version: 1,
      ...given,
      members: new Set(members.map((one) => one.n)),
    };
    this.groups.push(group);
    this.record('group.created', { group });
    return group;
  }

  renameGroup(group: Group, name: string): void {
    group.name = name;
    this.#groupChanged(group, 'profile');
    this.record('group.renamed', { group });
  }

  deleteGroup(group: Group): void {
    group.deleted = true;
    this.#groupChanged(group, 'profile');
    this.application.groups.delete(group.n);
    for (const other of this.groups) other.nested.delete(group.n);
    this.record('group.deleted', { group });
  }

  addToGroup(group: Group, ...people: readonly Person[]): void {
    for (const person of people) {
      if (group.members.has(person.n)) continue;
      group.members.add(person.n);
      this.#groupChanged(group, 'members');
      this.record('group.member_added', { group, person });
    }
  }

  removeFromGroup(group: Group, ...people: readonly Person[]): void {
    for (const person of people) {
      if (!group.members.delete(person.n)) continue;
      this.#groupChanged(group, 'members');
      this.record('group.member_removed', { group, person });
    }
  }

  emptyGroup(group: Group): void {
    this.removeFromGroup(group, ...[...group.members].map((n) => this.person(n)));
  }

  /** Puts one group into another; cycles are allowed, as at Google. */
  nest(inner: Group, outer: Group): void {
    outer.nested.add(inner.n);
    this.#groupChanged(outer, 'members');
  }

  unnest(inner: Group, outer: Group): void {
    outer.nested.delete(inner.n);
    this.#groupChanged(outer, 'members');
  }

  #groupChanged(group: Group, what: 'profile' | 'members'): void {
    const now = this.clock.now();
    if (what === 'profile') group.lastUpdated = now;
    else group.lastMembershipUpdated = now;
    group.version++;
    this.revision++;
  }

  addUnit(name: string, parent: string | number): Unit {
    const unit = { n: this.units.length, name, parent: this.unit(parent).n };
    this.units.push(unit);
    this.revision++;
    return unit;
  }

  /** Renames a unit, or hangs it below another parent; everybody below shows the new path. */
  changeUnitItself(unit: Unit, change: { name?: string; parent?: string | number }): void {
    if (change.name !== undefined) unit.name = change.name;
    if (change.parent !== undefined) unit.parent = this.unit(change.parent).n;
    this.revision++;
    for (const person of this.people) if (this.isBelow(person.unit, unit.n)) person.version++;
  }

  isBelow(unit: number, above: number): boolean {
    for (let at: number | null = unit; at !== null; at = this.units[at]?.parent ?? null) if (at === above) return true;
    return false;
  }

  assign(...people: readonly Person[]): void {
    for (const person of people) {
      this.application.direct.add(person.n);
      this.record('application.person_assigned', { person });
    }
  }

  unassign(...people: readonly Person[]): void {
    for (const person of people) {
      if (this.application.direct.delete(person.n)) this.record('application.person_unassigned', { person });
    }
  }

  assignGroup(group: Group): void {
    this.application.groups.add(group.n);
    this.record('application.group_assigned', { group });
  }

  unassignGroup(group: Group): void {
    if (this.application.groups.delete(group.n)) this.record('application.group_unassigned', { group });
  }

  /** Members as Okta lists them: its built-in group has everybody, and the deprovisioned are in none. */
  oktaMembers(group: Group): Person[] {
    const fits = (person: Person): boolean => isInOkta(person) && !isDeprovisionedInOkta(person);
    if (group.kind === 'everyone') return this.people.filter(fits);
    return [...group.members]
      .sort((a, b) => a - b)
      .map((n) => this.person(n))
      .filter(fits);
  }

  isOktaMember(group: Group, person: Person): boolean {
    const living = isInOkta(person) && !isDeprovisionedInOkta(person);
    return living && !group.deleted && (group.kind === 'everyone' || group.members.has(person.n));
  }

  /** How the person has the application: of their own, through a group, or not. */
  oktaAssignment(person: Person): { scope: 'USER' } | { scope: 'GROUP'; group: Group } | null {
    if (!isInOkta(person) || isDeprovisionedInOkta(person)) return null;
    if (this.application.direct.has(person.n)) return { scope: 'USER' };
    for (const n of this.application.groups) {
      const group = this.group(n);
      if (this.isOktaMember(group, person)) return { scope: 'GROUP', group };
    }
    return null;
  }

  /** Everybody in the group and in the groups within it, as Google sees it; cycles are cut. */
  googleMembers(group: Group): Set<number> {
    const found = new Set<number>();
    const seen = new Set<number>();
    const waiting = [group];
    for (let at = waiting.pop(); at; at = waiting.pop()) {
      if (seen.has(at.n) || at.deleted) continue;
      seen.add(at.n);
      if (at.wholeCustomer) for (const person of this.people) if (isInGoogle(person)) found.add(person.n);
      for (const n of at.members) if (isInGoogle(this.person(n))) found.add(n);
      for (const n of at.nested) waiting.push(this.group(n));
    }
    return found;
  }
}
