import type { Clock } from './clock.ts';
import { Ids } from './ids.ts';
import type { Application, ChangeKind, Group, Happening, Person, Unit } from './model.ts';
import { Random } from './random.ts';

/** What a company starts as; made by `makeCompany`. */
export interface Founding {
  readonly seed: number;
  readonly clock: Clock;
  readonly domains: readonly string[];
  readonly people: Person[];
  readonly groups: Group[];
  readonly units: Unit[];
  readonly application: Application;
}

/** The data of a company, how it is found, and the one way in which a change is recorded. */
export class Registry {
  readonly seed: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly domains: readonly string[];
  /** Everybody who ever was, at the place of their number. */
  readonly people: Person[];
  readonly groups: Group[];
  readonly units: Unit[];
  readonly application: Application;
  readonly happenings: Happening[] = [];
  /** Rises with every change of anything. */
  revision = 0;
  protected readonly random: Random;
  readonly #owners = new Map<string, number>();
  #silent = false;
  readonly #watchers = new Set<(before: Readonly<Person>, at: number) => void>();

  constructor(founding: Founding) {
    this.seed = founding.seed;
    this.clock = founding.clock;
    this.ids = new Ids(founding.seed);
    this.domains = founding.domains;
    this.people = founding.people;
    this.groups = founding.groups;
    this.units = founding.units;
    this.application = founding.application;
    this.random = new Random(founding.seed ^ 0x5eed);
    for (const person of this.people) this.own(person);
  }

  get domain(): string {
    return this.domains[0] ?? 'example.com';
  }

  /** Number 0: the admin whom Google delegates to. Random life leaves this person alone. */
  get admin(): Person {
    return this.person(0);
  }

  person(n: number): Person {
    const person = this.people[n];
    if (!person) throw new RangeError(`there is no person ${n}`);
    return person;
  }

  group(nameOrNumber: string | number): Group {
    const group =
      typeof nameOrNumber === 'number'
        ? this.groups[nameOrNumber]
        : this.groups.find((one) => !one.deleted && (one.name === nameOrNumber || one.email === nameOrNumber));
    if (!group) throw new RangeError(`there is no group ${nameOrNumber}`);
    return group;
  }

  unit(pathOrNumber: string | number): Unit {
    const unit =
      typeof pathOrNumber === 'number'
        ? this.units[pathOrNumber]
        : this.units.find((one) => this.unitPath(one.n) === pathOrNumber);
    if (!unit) throw new RangeError(`there is no unit ${pathOrNumber}`);
    return unit;
  }

  /** `/` for the root, `/Employees/Sales` below it. */
  unitPath(n: number): string {
    const unit = this.units[n];
    if (!unit || unit.parent === null) return '/';
    const above = this.unitPath(unit.parent);
    return above === '/' ? `/${unit.name}` : `${above}/${unit.name}`;
  }

  /** Who has this address or login now, among those whom no directory has lost for good. */
  byAddress(address: string): Person | null {
    const n = this.#owners.get(address.toLowerCase());
    return n === undefined ? null : this.person(n);
  }

  isTaken(address: string): boolean {
    return this.#owners.has(address.toLowerCase());
  }

  /** Called with a copy of each person before a change; lagging search indexes live on it. */
  watch(watcher: (before: Readonly<Person>, at: number) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  protected own(person: Person): void {
    this.#owners.set(person.email.toLowerCase(), person.n);
    this.#owners.set(person.login.toLowerCase(), person.n);
  }

  protected disown(person: Person): void {
    for (const address of [person.email, person.login]) {
      if (this.#owners.get(address.toLowerCase()) === person.n) this.#owners.delete(address.toLowerCase());
    }
  }

  /** Changes a person: watchers see who it was, the time and version move, addresses are looked up anew. */
  protected touch(person: Person, change: Partial<Omit<Person, 'n' | 'version' | 'lastUpdated'>>): void {
    const at = this.clock.now();
    for (const watcher of this.#watchers) watcher({ ...person }, at);
    const before = person.state;
    if (change.email !== undefined || change.login !== undefined || change.state !== undefined) this.disown(person);
    Object.assign(person, change);
    if (person.state !== before) person.statusChanged = at;
    person.lastUpdated = at;
    person.version++;
    this.revision++;
    if (person.state !== 'erased') this.own(person);
  }

  protected admit(person: Person): void {
    for (const watcher of this.#watchers) watcher({ ...person, state: 'erased', purged: true }, this.clock.now());
    this.people.push(person);
    this.own(person);
    this.revision++;
  }

  /** Lets something happen of which no log ever tells. */
  silently<T>(happen: () => T): T {
    this.#silent = true;
    try {
      return happen();
    } finally {
      this.#silent = false;
    }
  }

  protected record(
    kind: ChangeKind,
    about: { person?: Person; group?: Group; email?: string; newEmail?: string },
  ): void {
    this.#log(kind, about, true);
  }

  /** Somebody tried, the directory refused and logged it; nothing changed. */
  logFailure(kind: ChangeKind, about: { person?: Person; group?: Group }): void {
    this.#log(kind, about, false);
  }

  #log(
    kind: ChangeKind,
    about: { person?: Person; group?: Group; email?: string; newEmail?: string },
    success: boolean,
  ): void {
    this.revision++;
    if (this.#silent) return;
    this.happenings.push({
      seq: this.happenings.length,
      at: this.clock.now(),
      kind,
      person: about.person?.n ?? null,
      group: about.group?.n ?? null,
      email: about.email ?? about.person?.email ?? '',
      newEmail: about.newEmail ?? null,
      success,
    });
  }
}
