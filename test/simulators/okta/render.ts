import type { Company } from '../company/company.ts';
import type { Group, Person } from '../company/model.ts';
import { isDeprovisionedInOkta } from '../company/model.ts';
import type { OktaSettings } from './settings.ts';

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

export function oktaStatus(person: Person): string {
  if (person.state === 'employed') return person.flavour;
  if (isDeprovisionedInOkta(person)) return 'DEPROVISIONED';
  return person.state === 'staged' ? 'STAGED' : 'SUSPENDED';
}

/** Writes what Okta shows: people, groups, assignments. */
export class OktaRender {
  readonly #company: Company;
  readonly #settings: OktaSettings;
  readonly #base: string;

  constructor(company: Company, settings: OktaSettings, base: string) {
    this.#company = company;
    this.#settings = settings;
    this.#base = base;
  }

  profile(person: Person): Record<string, unknown> {
    const text = (value: string): string | null => (value === '' ? null : value);
    return {
      login: person.login,
      email: person.email,
      secondEmail: null,
      firstName: person.given,
      lastName: text(person.family),
      displayName: person.n % 3 === 0 ? `${person.given} ${person.family}`.trim() : null,
      title: text(person.title),
      department: text(person.department),
      employeeNumber: text(person.employeeNumber),
      costCenter: text(person.costCentre),
      countryCode: text(person.country),
      managerId: this.#manager(person),
      mobilePhone: null,
      // Custom attributes, as every organisation has some.
      workSite: `Site ${person.country}`,
      badges: person.n % 10 === 0 ? ['first aid', 'fire warden'] : null,
    };
  }

  #manager(person: Person): string | null {
    if (person.manager === null) return null;
    const manager = this.#company.person(person.manager);
    switch (this.#settings.managerAs) {
      case 'id':
        return this.#company.ids.okta('person', manager.n);
      case 'login':
        return manager.login;
      case 'email':
        return manager.email;
      case 'employeeNumber':
        return manager.employeeNumber;
      case 'name':
        return `${manager.given} ${manager.family}`.trim();
    }
  }

  user(person: Person, lean = false): Record<string, unknown> {
    const id = this.#company.ids.okta('person', person.n);
    const credentials = {
      password: {},
      emails: [{ value: person.email, status: 'VERIFIED', type: 'PRIMARY' }],
      provider: { type: 'OKTA', name: 'OKTA' },
    };
    return this.#finish({
      id,
      status: oktaStatus(person),
      created: iso(person.created),
      activated: iso(person.activated),
      statusChanged: iso(person.statusChanged),
      lastLogin: iso(person.lastSignIn),
      lastUpdated: iso(person.lastUpdated),
      passwordChanged: iso(person.activated),
      ...(lean ? {} : { transitioningToStatus: null }),
      type: { id: this.#company.ids.okta('type', 1) },
      profile: this.#finish(this.profile(person)),
      ...(lean ? {} : { credentials }),
      _links: { self: { href: `${this.#base}/api/v1/users/${id}` } },
    });
  }

  group(group: Group, stats = false): Record<string, unknown> {
    const id = this.#company.ids.okta('group', group.n);
    const self = `${this.#base}/api/v1/groups/${id}`;
    return this.#finish({
      id,
      created: iso(group.created),
      lastUpdated: iso(group.lastUpdated),
      lastMembershipUpdated: iso(group.lastMembershipUpdated),
      objectClass: [group.kind === 'imported' ? 'okta:windows_security_principal' : 'okta:user_group'],
      type: { everyone: 'BUILT_IN', imported: 'APP_GROUP', ordinary: 'OKTA_GROUP' }[group.kind],
      profile: this.#finish({ name: group.name, description: group.description === '' ? null : group.description }),
      _links: { self: { href: self }, users: { href: `${self}/users` }, apps: { href: `${self}/apps` } },
      ...(stats ? { _embedded: { stats: { usersCount: this.#company.oktaMembers(group).length } } } : {}),
    });
  }

  application(): Record<string, unknown> {
    const { application, ids, clock } = this.#company;
    const id = ids.okta('application', application.n);
    return {
      id,
      name: 'oidc_client',
      label: application.name,
      status: 'ACTIVE',
      created: '2025-01-01T00:00:00.000Z',
      lastUpdated: iso(Math.min(clock.now(), Date.parse('2025-06-01T00:00:00.000Z'))),
      signOnMode: 'OPENID_CONNECT',
      features: [],
      _links: { self: { href: `${this.#base}/api/v1/apps/${id}` } },
    };
  }

  /** An assignment; the user only if asked for. The application's own profile holds next to nothing. */
  assignment(person: Person, scope: 'USER' | 'GROUP', embed: boolean): string {
    const id = this.#company.ids.okta('person', person.n);
    const { application, ids } = this.#company;
    const app = `${this.#base}/api/v1/apps/${ids.okta('application', application.n)}`;
    const head = this.#finish({
      id,
      externalId: null,
      created: iso(person.activated ?? person.created),
      lastUpdated: iso(person.activated ?? person.created),
      scope,
      status: application.implicit ? 'IMPLICIT' : 'ACTIVE',
      statusChanged: iso(person.activated),
      passwordChanged: null,
      syncState: 'DISABLED',
      credentials: { userName: person.login },
      profile: {},
      _links: { app: { href: app }, user: { href: `${this.#base}/api/v1/users/${id}` } },
    });
    if (!embed) return JSON.stringify(head);
    return `${JSON.stringify(head).slice(0, -1)},"_embedded":{"user":${JSON.stringify(this.user(person))}}}`;
  }

  /** Null is written or, as Okta mostly does, left out. */
  #finish(object: Record<string, unknown>): Record<string, unknown> {
    if (this.#settings.writeNulls) return object;
    const kept: Record<string, unknown> = {};
    for (const key in object) if (object[key] !== null) kept[key] = object[key];
    return kept;
  }
}
