import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { Company } from './company.ts';
import type { Group, Person, Unit } from './model.ts';
import { makeName } from './names.ts';
import { Random } from './random.ts';
import { COUNTRIES, DEPARTMENTS, makeJob } from './work.ts';

export interface CompanyOptions {
  /** How many, the admin included. */
  people: number;
  seed?: number;
  /** The system's by default. */
  clock?: Clock;
  /** One to three; the first is the primary one. */
  domains?: readonly string[];
  /** Of a hundred people about two have left, one is suspended and some are staged from the start; with this, nobody. */
  everybodyEmployed?: boolean;
}

const DAY = 86_400_000;
/** Everything before the company is handed over happened before this day, whatever the clock says. */
const FOUNDED = Date.parse('2025-01-01T00:00:00.000Z');
/** Of a hundred people, so many have been suspended, left and staged from the start. */
const SUSPENDED = 0.01;
const LEFT = 0.02;
const STAGED = 0.005;

/** A company, the same for the same seed and size. A hundred thousand people take about a second. */
export function makeCompany(options: CompanyOptions): Company {
  const random = new Random(options.seed ?? 1);
  const domains = options.domains ?? ['example.com', 'example.co.uk', 'mail.example.org'];
  const units = makeUnits();
  const people = makePeople(options.people, random, domains, units);
  if (options.everybodyEmployed === true) for (const person of people) employ(person);
  const groups = makeGroups(people, random, domains[0] ?? 'example.com');
  const departmentGroups = groups.filter((group) => group.n > 0 && group.n <= DEPARTMENTS.length);
  const application = {
    n: 1,
    name: 'Rollcall',
    direct: new Set(
      random
        .sample(people, Math.ceil(people.length / 50))
        .filter(isHere)
        .map((person) => person.n),
    ),
    groups: new Set(departmentGroups.slice(0, -2).map((group) => group.n)),
    implicit: false,
    deleted: false,
  };
  application.direct.add(0);
  const clock = options.clock ?? systemClock;
  return new Company({ seed: options.seed ?? 1, clock, domains, people, groups, units, application });
}

function employ(person: Person): void {
  const activated = person.activated ?? person.created;
  Object.assign(person, { state: 'employed', activated, leftAt: null, purged: false });
}

function isHere(person: Person): boolean {
  return person.state === 'employed' || person.state === 'suspended';
}

function makeUnits(): Unit[] {
  const units: Unit[] = [
    { n: 0, name: '', parent: null },
    { n: 1, name: 'Employees', parent: 0 },
    { n: 2, name: 'Contractors', parent: 0 },
    { n: 3, name: 'External Audit', parent: 2 },
  ];
  for (const department of DEPARTMENTS) {
    units.push({ n: units.length, name: department.replaceAll('/', '-'), parent: 1 });
  }
  return units;
}

function makePeople(count: number, random: Random, domains: readonly string[], units: readonly Unit[]): Person[] {
  const people: Person[] = [];
  const taken = new Map<string, number>();
  for (let n = 0; n < count; n++) people.push(makePerson(n, random, domains, units, taken));
  return people;
}

function uniqueAddress(mailbox: string, domain: string, taken: Map<string, number>): string {
  const key = `${mailbox}@${domain}`;
  const before = taken.get(key) ?? 0;
  taken.set(key, before + 1);
  return before === 0 ? key : `${mailbox}${before + 1}@${domain}`;
}

function makePerson(
  n: number,
  random: Random,
  domains: readonly string[],
  units: readonly Unit[],
  taken: Map<string, number>,
): Person {
  const name = makeName(random);
  const job = makeJob(random);
  const email = uniqueAddress(name.mailbox, n === 0 ? (domains[0] ?? 'example.com') : random.pick(domains), taken);
  const state = n === 0 ? 'employed' : stateAtStart(random);
  const employeeNumber = `E${String(100000 + n)}`;
  const created = FOUNDED - Math.floor(random.next() * 3000 * DAY) - 60 * DAY;
  const activated = state === 'staged' ? null : created + random.int(DAY);
  const lastUpdated = created + Math.floor(random.next() * (FOUNDED - created));
  const department = units.findIndex((unit) => unit.parent === 1 && unit.name === job.department.replaceAll('/', '-'));
  return {
    n,
    given: name.given,
    family: name.family,
    email,
    login:
      random.chance(0.02) && n !== 0 ? `${employeeNumber.toLowerCase()}@login.${domains[0] ?? 'example.com'}` : email,
    aliases: NONE,
    department: job.department,
    title: job.title,
    manager: n === 0 ? null : Math.floor((n - 1) / (5 + random.int(5))),
    employeeNumber,
    unit: random.chance(0.06) ? 2 + random.int(2) : Math.max(1, department),
    country: random.pick(COUNTRIES),
    costCentre: `CC-${100 + random.int(40)}`,
    state,
    flavour: flavourAtStart(n, random),
    created,
    activated,
    statusChanged: activated ?? created,
    lastUpdated,
    lastSignIn: activated === null || random.chance(0.03) ? null : lastUpdated,
    leftAt: state === 'left' ? lastUpdated : null,
    purged: state === 'left',
    version: 1,
  };
}

const NONE: readonly string[] = [];

function stateAtStart(random: Random): Person['state'] {
  const dice = random.next();
  if (dice < LEFT) return 'left';
  if (dice < LEFT + SUSPENDED) return 'suspended';
  return dice < LEFT + SUSPENDED + STAGED ? 'staged' : 'employed';
}

function flavourAtStart(n: number, random: Random): Person['flavour'] {
  const dice = random.next();
  if (n === 0 || dice > 0.04) return 'ACTIVE';
  return random.pick(['PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT']);
}

function makeGroups(people: readonly Person[], random: Random, domain: string): Group[] {
  const groups: Group[] = [];
  const add = (name: string, kind: Group['kind'], members: readonly Person[]): Group => {
    const changed = FOUNDED - random.int(900 * DAY);
    const group: Group = {
      n: groups.length,
      name,
      email: `${name
        .toLowerCase()
        .normalize('NFD')
        .replace(/[^a-z0-9]+/g, '-')}@${domain}`,
      description: `${name} of ${domain}`,
      kind,
      members: new Set(members.map((person) => person.n)),
      nested: new Set(),
      wholeCustomer: false,
      external: [],
      created: changed - 30 * DAY,
      lastUpdated: changed,
      lastMembershipUpdated: changed,
      deleted: false,
      version: 1,
    };
    groups.push(group);
    return group;
  };
  add('Everyone', 'everyone', []);
  const byDepartment = new Map<string, Person[]>(DEPARTMENTS.map((department) => [department, []]));
  for (const person of people) byDepartment.get(person.department)?.push(person);
  const departments = DEPARTMENTS.map((department) => add(department, 'ordinary', byDepartment.get(department) ?? []));
  const nested = add('Building the product', 'ordinary', random.sample(people, 2));
  for (const group of departments.slice(0, 4)) nested.nested.add(group.n);
  const staff = add('All staff', 'ordinary', random.sample(people, 2));
  for (const group of [nested, ...departments.slice(4)]) staff.nested.add(group.n);
  add('Imported from AD', 'imported', random.sample(people, Math.ceil(people.length / 20)));
  const mixed = add('Partners', 'ordinary', random.sample(people, 3));
  mixed.external.push('partner@other-company.example', 'advisor@agency.example');
  add('Nobody yet', 'ordinary', []);
  const projects = Math.min(200, Math.max(3, Math.floor(people.length / 200)));
  for (let i = 1; i <= projects; i++) {
    const members = Array.from({ length: Math.min(20, people.length) }, () => random.pick(people));
    add(`Project ${i}`, 'ordinary', members);
  }
  return groups;
}
