import type { Company } from './company.ts';
import type { Person } from './model.ts';
import { isInGoogle, isInOkta } from './model.ts';

/** What a connection looks at. Groups and units by name and path, as the company calls them. */
export interface ExpectedScope {
  readonly provider: 'okta' | 'google';
  readonly kind: 'everyone' | 'application' | 'groups' | 'units';
  /** Names of groups or paths of units; sub-units and (at Google) nested groups count. */
  readonly of?: readonly string[];
  /** Numbers of people who are left out by name. */
  readonly except?: readonly number[];
  /** Whether Okta's STAGED counts as employed; no by default. */
  readonly stagedCounts?: boolean;
}

export type Verdict = 'gone' | 'not employed' | 'out of scope' | 'in scope and employed';

export interface ExpectedPerson {
  readonly n: number;
  readonly externalId: string;
  readonly email: string;
  readonly given: string;
  readonly family: string;
  readonly department: string;
  readonly title: string;
  readonly employeeNumber: string;
  /** The manager if that person is expected too, else null. */
  readonly manager: number | null;
}

/** Which people the scope holds, employed or not. */
function membersOf(company: Company, scope: ExpectedScope): (person: Person) => boolean {
  const names = scope.of ?? [];
  const except = new Set(scope.except ?? []);
  const inScope = ((): ((person: Person) => boolean) => {
    if (scope.kind === 'everyone') return () => true;
    if (scope.kind === 'application') return (person) => company.oktaAssignment(person) !== null;
    if (scope.kind === 'units') {
      const units = names.map((path) => company.unit(path).n);
      return (person) => units.some((unit) => company.isBelow(person.unit, unit));
    }
    const groups = names.map((name) => company.group(name));
    if (scope.provider === 'okta') return (person) => groups.some((group) => company.isOktaMember(group, person));
    const members = groups.map((group) => company.googleMembers(group));
    return (person) => members.some((set) => set.has(person.n));
  })();
  return (person) => !except.has(person.n) && inScope(person);
}

/** Both providers agree on who is employed; they differ in how they show those who are not. */
function isEmployed(person: Person, scope: ExpectedScope): boolean {
  return (
    person.state === 'employed' ||
    (person.state === 'staged' && scope.provider === 'okta' && scope.stagedCounts === true)
  );
}

/** What a truthful direct read says about one person. Somebody deprovisioned in Okta is gone there. */
export function verdict(company: Company, scope: ExpectedScope, person: Person): Verdict {
  const exists = scope.provider === 'okta' ? isInOkta(person) : isInGoogle(person);
  const deprovisioned = ['deprovisioned', 'archived', 'left'].includes(person.state);
  if (!exists || (scope.provider === 'okta' && deprovisioned)) return 'gone';
  if (!isEmployed(person, scope)) return 'not employed';
  return membersOf(company, scope)(person) ? 'in scope and employed' : 'out of scope';
}

/** The reference model: exactly these people are to be active after a sync, ordered by number. Pure. */
export function expected(company: Company, scope: ExpectedScope): ExpectedPerson[] {
  const belongs = membersOf(company, scope);
  const people = company.people.filter((person) => isEmployed(person, scope) && belongs(person));
  const numbers = new Set(people.map((person) => person.n));
  return people.map((person) => ({
    n: person.n,
    externalId: externalId(company, scope.provider, person),
    email: person.email,
    given: person.given,
    family: person.family,
    department: person.department,
    title: person.title,
    employeeNumber: person.employeeNumber,
    manager: person.manager !== null && numbers.has(person.manager) ? person.manager : null,
  }));
}

export function externalId(company: Company, provider: ExpectedScope['provider'], person: Person): string {
  return provider === 'okta' ? company.ids.okta('person', person.n) : company.ids.google('person', person.n);
}
