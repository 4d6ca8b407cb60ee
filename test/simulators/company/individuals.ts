import type { Person, PersonState } from './model.ts';
import { makeFamilyName, makeName } from './names.ts';
import { Registry } from './registry.ts';
import { COUNTRIES, makeJob } from './work.ts';

/** How many, chosen at random; or exactly these. */
export type Who = number | Person | readonly Person[];

/** What happens to people. Each method takes a number (that many, chosen at random) or people, and returns who it was. */
export class Individuals extends Registry {
  /** Random people in one of the states; never the admin. */
  protected choose(who: Who, states: readonly PersonState[]): Person[] {
    if (typeof who !== 'number') return Array.isArray(who) ? [...(who as readonly Person[])] : [who as Person];
    const fitting = this.people.filter((person) => person.n !== 0 && states.includes(person.state));
    return this.random.sample(fitting, who);
  }

  /** New people, employed at once; `given` sets what a test cares about. */
  join(count = 1, given: Partial<Omit<Person, 'n'>> = {}): Person[] {
    return Array.from({ length: count }, () => {
      const person = this.#newcomer(given);
      this.admit(person);
      this.record('person.created', { person });
      if (person.state === 'employed') this.record('person.activated', { person });
      return person;
    });
  }

  /** Hired but not begun: Okta STAGED. */
  stage(count = 1, given: Partial<Omit<Person, 'n'>> = {}): Person[] {
    return this.join(count, { ...given, state: 'staged', activated: null, lastSignIn: null });
  }

  /** The first day of somebody staged. */
  begin(who: Who = 1): Person[] {
    return this.choose(who, ['staged']).map((person) => {
      this.touch(person, { state: 'employed', activated: this.clock.now() });
      this.record('person.activated', { person });
      return person;
    });
  }

  #newcomer(given: Partial<Omit<Person, 'n'>>): Person {
    const name = makeName(this.random);
    const now = this.clock.now();
    const n = this.people.length;
    const domain = this.random.pick(this.domains);
    const email = given.email ?? this.freeAddress(name.mailbox, domain);
    const managers = this.people.filter((one) => one.state === 'employed' && one.n < 1000);
    return {
      n,
      given: name.given,
      family: name.family,
      login: email,
      aliases: [],
      ...makeJob(this.random),
      manager: managers.length > 0 ? this.random.pick(managers).n : null,
      employeeNumber: `E${String(100000 + n)}`,
      unit: this.random.int(this.units.length),
      country: this.random.pick(COUNTRIES),
      costCentre: `CC-${100 + this.random.int(40)}`,
      state: 'employed',
      flavour: 'ACTIVE',
      created: now,
      activated: now,
      statusChanged: now,
      lastUpdated: now,
      lastSignIn: null,
      leftAt: null,
      purged: false,
      version: 1,
      ...given,
      email,
    };
  }

  protected freeAddress(mailbox: string, domain: string): string {
    let address = `${mailbox}@${domain}`;
    for (let i = 2; this.isTaken(address); i++) address = `${mailbox}${i}@${domain}`;
    return address;
  }

  /** A new department, title and manager. */
  move(who: Who = 1): Person[] {
    return this.choose(who, ['employed']).map((person) => {
      this.touch(person, { ...makeJob(this.random), manager: this.#anotherManager(person) });
      this.record('person.edited', { person });
      return person;
    });
  }

  #anotherManager(person: Person): number | null {
    for (let tries = 0; tries < 8; tries++) {
      const candidate = this.random.pick(this.people);
      if (candidate.state === 'employed' && !this.#reportsTo(candidate, person)) return candidate.n;
    }
    return person.manager;
  }

  /** Does `person` report to `boss`, themselves included, however far up? */
  #reportsTo(person: Person, boss: Person): boolean {
    const seen = new Set<number>();
    for (let at: Person | null = person; at && !seen.has(at.n);) {
      if (at.n === boss.n) return true;
      seen.add(at.n);
      at = at.manager === null ? null : this.person(at.manager);
    }
    return false;
  }

  /** Sets anything about one person; an `email` also moves the login where the two were one. */
  edit(who: Who = 1, change?: Partial<Omit<Person, 'n' | 'version' | 'lastUpdated' | 'state'>>): Person[] {
    return this.choose(who, ['employed']).map((person) => {
      const { email, ...rest } = change ?? { title: this.#anotherTitle(person) };
      this.touch(person, rest);
      if (email !== undefined) this.#changeEmail(person, email);
      else this.record('person.edited', { person });
      return person;
    });
  }

  #anotherTitle(person: Person): string {
    for (;;) {
      const { title } = makeJob(this.random);
      if (title !== person.title) return title;
    }
  }

  /** A new family name, and the e-mail that goes with it. */
  marry(who: Who = 1): Person[] {
    return this.choose(who, ['employed']).map((person) => {
      const family = makeFamilyName(this.random);
      const first = person.email.split(/[.@]/, 1)[0] ?? 'x';
      const domain = person.email.split('@')[1] ?? this.domain;
      this.touch(person, { family: family.written });
      this.#changeEmail(person, this.freeAddress(`${first}.${family.ascii}`, domain));
      return person;
    });
  }

  #changeEmail(person: Person, email: string): void {
    const before = person.email;
    const login = person.login === before ? email : person.login;
    this.touch(person, { email, login, aliases: [...person.aliases.filter((one) => one !== email), before] });
    this.record('person.email_changed', { person, email: before, newEmail: email });
    // The directory names a manager by address: everybody who reports to this person is written anew.
    for (const report of this.people) {
      if (report.manager === person.n && report.state !== 'erased') this.touch(report, {});
    }
  }

  /** Two or more exchange addresses in a ring: each gets the one of the next. */
  exchangeAddresses(...ring: Person[]): void {
    const emails = ring.map((person) => person.email);
    const logins = ring.map((person) => person.login);
    for (const person of ring) this.disown(person);
    ring.forEach((person, i) => {
      const next = (i + 1) % ring.length;
      const email = emails[next] ?? person.email;
      this.touch(person, { email, login: logins[next] ?? email });
      this.record('person.email_changed', { person, email: emails[i] ?? '', newEmail: email });
    });
    for (const person of ring) this.own(person);
    for (const report of this.people) {
      if (ring.some((one) => one.n === report.manager)) this.touch(report, {});
    }
  }

  changeUnit(who: Who = 1, unit?: string | number): Person[] {
    return this.choose(who, ['employed']).map((person) => {
      const to = unit === undefined ? this.random.int(this.units.length) : this.unit(unit).n;
      this.touch(person, { unit: to });
      this.record('person.unit_changed', { person });
      return person;
    });
  }

  /** Okta's in-between statuses: all of them still mean employed. */
  setFlavour(who: Who, flavour: Person['flavour']): Person[] {
    return this.choose(who, ['employed']).map((person) => {
      this.touch(person, { flavour, statusChanged: this.clock.now() });
      if (flavour === 'LOCKED_OUT') this.record('person.locked', { person });
      return person;
    });
  }

  suspend(who: Who = 1): Person[] {
    return this.#pass(who, ['employed'], 'suspended', 'person.suspended');
  }

  unsuspend(who: Who = 1): Person[] {
    return this.#pass(who, ['suspended'], 'employed', 'person.unsuspended');
  }

  /** Okta: deprovisioned. Google: suspended, as a leaver whom nobody deletes. */
  deprovision(who: Who = 1): Person[] {
    return this.#pass(who, ['employed', 'suspended'], 'deprovisioned', 'person.deprovisioned');
  }

  /** Google: archived. Okta has no such thing and shows them deprovisioned. */
  archive(who: Who = 1): Person[] {
    return this.#pass(who, ['employed', 'suspended'], 'archived', 'person.archived');
  }

  /** The usual end. Okta: deprovisioned. Google: deleted, shown among the deleted for 20 days. */
  leave(who: Who = 1): Person[] {
    return this.#pass(who, ['employed', 'suspended'], 'left', 'person.left');
  }

  /** Okta: permanently deleted, 404 from now on. Google: deleted. */
  erase(who: Who = 1): Person[] {
    return this.#pass(who, ['employed', 'suspended', 'left', 'deprovisioned'], 'erased', 'person.erased');
  }

  /** As erased, and no longer shown among Google's deleted: nothing is left to be found. */
  purge(who: Who = 1): Person[] {
    return this.erase(who).map((person) => {
      this.touch(person, { purged: true });
      return person;
    });
  }

  /** Back with the same id: reactivated, undeleted or unarchived. Nobody returns from being erased. */
  returnBack(who: Who = 1): Person[] {
    return this.#pass(who, ['left', 'deprovisioned', 'archived'], 'employed', 'person.returned');
  }

  #pass(who: Who, from: readonly PersonState[], to: PersonState, kind: Parameters<Registry['record']>[0]): Person[] {
    return this.choose(who, from).map((person) => {
      if (person.state === 'erased') throw new RangeError(`person ${person.n} is erased`);
      const gone = to === 'left' || to === 'erased';
      const returnedFromArchive = kind === 'person.returned' && person.state === 'archived';
      if (to !== 'employed' && to !== 'suspended') this.application.direct.delete(person.n);
      this.touch(person, { state: to, leftAt: gone ? this.clock.now() : null });
      this.record(returnedFromArchive ? 'person.unarchived' : kind, { person });
      return person;
    });
  }

  /** The account is erased and made again: a new id with the same address and facts. Returns the new ones. */
  recreate(who: Who = 1): Person[] {
    return this.choose(who, ['employed']).map((old) => {
      const { given, family, email, login, department, title, manager, employeeNumber, unit, country, costCentre } =
        old;
      const assigned = this.application.direct.has(old.n);
      if (old.state !== 'erased') this.erase(old);
      const facts = {
        given,
        family,
        email,
        login,
        department,
        title,
        manager,
        employeeNumber,
        unit,
        country,
        costCentre,
      };
      const [created] = this.join(1, facts);
      if (!created) throw new RangeError('nobody was created');
      for (const group of this.groups) if (group.members.has(old.n)) group.members.add(created.n);
      if (assigned) this.application.direct.add(created.n);
      for (const report of this.people) if (report.manager === old.n) this.touch(report, { manager: created.n });
      return created;
    });
  }
}
