import type { Company } from '../company/company.ts';
import type { Group, Person, Unit } from '../company/model.ts';
import { isInGoogle } from '../company/model.ts';
import type { GoogleSettings } from './settings.ts';

const iso = (time: number): string => new Date(time).toISOString();
const NEVER = '1970-01-01T00:00:00.000Z';

/** Writes what the Directory API shows. */
export class GoogleRender {
  readonly #company: Company;
  readonly #settings: GoogleSettings;

  constructor(company: Company, settings: GoogleSettings) {
    this.#company = company;
    this.#settings = settings;
  }

  get customer(): string {
    return this.#settings.customerId ?? this.#company.ids.googleCustomer;
  }

  etag(kind: string, n: number, version: number): string {
    return `"${kind}-${this.#company.seed}/${n}.${version}"`;
  }

  user(person: Person, schemas: readonly string[] | 'all' | null): Record<string, unknown> {
    const { ids } = this.#company;
    const full = `${person.given} ${person.family}`.trim();
    const suspended = ['suspended', 'deprovisioned', 'staged'].includes(person.state);
    return {
      id: ids.google('person', person.n),
      kind: 'admin#directory#user',
      etag: this.etag('user', person.n, person.version),
      primaryEmail: person.email,
      name: { givenName: person.given, ...(person.family === '' ? {} : { familyName: person.family }), fullName: full },
      isAdmin: person.n === 0 || this.#settings.admins.includes(person.n),
      isDelegatedAdmin: false,
      lastLoginTime: person.lastSignIn === null ? NEVER : iso(person.lastSignIn),
      creationTime: iso(person.created),
      agreedToTerms: person.lastSignIn !== null,
      suspended,
      ...(suspended ? { suspensionReason: person.state === 'staged' ? 'WEB_LOGIN_REQUIRED' : 'ADMIN' } : {}),
      archived: person.state === 'archived',
      changePasswordAtNextLogin: false,
      ipWhitelisted: false,
      emails: this.#emails(person),
      ...this.#work(person),
      ...(person.aliases.length > 0 ? { aliases: this.#ownAliases(person) } : {}),
      languages: [{ languageCode: 'en', preference: 'preferred' }],
      customerId: this.customer,
      orgUnitPath: this.#company.unitPath(person.unit),
      isMailboxSetup: true,
      includeInGlobalAddressList: true,
      recoveryEmail: `private.${person.n}@mail.example`,
      ...this.#custom(person, schemas),
    };
  }

  /** Former addresses, save those that somebody else has now. */
  #ownAliases(person: Person): string[] {
    return person.aliases.filter((alias) => !this.#company.isTaken(alias));
  }

  #emails(person: Person): unknown[] {
    return [
      { address: person.email, primary: true },
      ...this.#ownAliases(person).map((address) => ({ address })),
      ...(person.n % 20 === 0 ? [{ address: `private.${person.n}@mail.example`, type: 'home' }] : []),
    ];
  }

  #work(person: Person): Record<string, unknown> {
    const { title, department, employeeNumber, costCentre } = person;
    const manager = person.manager === null ? null : this.#company.person(person.manager).email;
    const organisation = {
      ...(title === '' ? {} : { title }),
      // For some people no organisation is marked as the primary one.
      ...(person.n % 4 === 0 ? {} : { primary: true }),
      customType: '',
      ...(department === '' ? {} : { department }),
      ...(costCentre === '' ? {} : { costCenter: costCentre }),
    };
    return {
      ...(employeeNumber === '' ? {} : { externalIds: [{ value: employeeNumber, type: 'organization' }] }),
      ...(manager === null ? {} : { relations: [{ value: manager, type: 'manager' }] }),
      organizations: [organisation],
    };
  }

  #custom(person: Person, schemas: readonly string[] | 'all' | null): Record<string, unknown> {
    const asked = (name: string): boolean => schemas === 'all' || (schemas?.includes(name) ?? false);
    const values: Record<string, unknown> = {};
    if (asked('Work')) values['Work'] = { Site: `Site ${person.country}`, Remote: person.n % 2 === 0 };
    if (asked('Safety') && person.n % 10 === 0)
      values['Safety'] = { Badges: [{ value: 'first aid' }, { value: 'fire warden' }] };
    return Object.keys(values).length > 0 ? { customSchemas: values } : {};
  }

  /** Sparse, as somebody deleted is shown. */
  deletedUser(person: Person): Record<string, unknown> {
    return {
      kind: 'admin#directory#user',
      id: this.#company.ids.google('person', person.n),
      etag: this.etag('user', person.n, person.version),
      primaryEmail: person.email,
      deletionTime: iso(person.leftAt ?? person.lastUpdated),
    };
  }

  group(group: Group): Record<string, unknown> {
    const living = [...group.members].filter((n) => isInGoogle(this.#company.person(n))).length;
    const count = living + group.nested.size + group.external.length + (group.wholeCustomer ? 1 : 0);
    return {
      kind: 'admin#directory#group',
      id: this.#company.ids.google('group', group.n),
      etag: this.etag('group', group.n, group.version),
      email: group.email,
      name: group.name,
      directMembersCount: String(count),
      description: group.description,
      adminCreated: true,
    };
  }

  unit(unit: Unit): Record<string, unknown> {
    const { ids, units } = this.#company;
    const parent = unit.parent === null ? null : units[unit.parent];
    return {
      kind: 'admin#directory#orgUnit',
      name: unit.name,
      description: '',
      etag: this.etag('unit', unit.n, 1),
      blockInheritance: false,
      orgUnitId: ids.google('unit', unit.n),
      orgUnitPath: this.#company.unitPath(unit.n),
      ...(parent
        ? { parentOrgUnitId: ids.google('unit', parent.n), parentOrgUnitPath: this.#company.unitPath(parent.n) }
        : {}),
    };
  }
}
