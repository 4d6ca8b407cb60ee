import type { Past } from '../company/past.ts';
import type { Person } from '../company/model.ts';
import { isDeprovisionedInOkta, isInOkta } from '../company/model.ts';
import { json, type Answer, type Incoming, type Item, type Route } from '../http/answer.ts';
import { compileFilter, FilterError, type Attribute, type Language } from '../http/filter.ts';
import type { Position } from '../http/paging.ts';
import type { OktaContext } from './context.ts';
import { oktaError } from './errors.ts';
import { project } from './project.ts';
import { oktaStatus } from './render.ts';
import type { Role } from './settings.ts';

const EQUAL = ['eq'];
const ORDER = ['eq', 'gt', 'ge', 'lt', 'le'];
const ANY = ['eq', 'sw', 'gt', 'ge', 'lt', 'le'];
const LIMIT = { byDefault: 200, max: 200 };

/** `/api/v1/users` in its four ways of asking, and what hangs below one user. */
export class OktaUsers {
  readonly #context: OktaContext;
  readonly #index: Past;

  constructor(context: OktaContext, index: Past) {
    this.#context = context;
    this.#index = index;
  }

  list(request: Incoming, role: Role): Answer {
    const { query } = request;
    const [search, filter, q] = [query.get('search'), query.get('filter'), query.get('q')];
    try {
      if (search !== null) return this.#search(request, role, search);
      if (filter !== null) return this.#filter(request, role, filter);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      const route = search === null ? 'users.filter' : 'users.search';
      return this.#context.reply(route, oktaError('E0000031', error.message));
    }
    const plain = (person: Person): boolean => isInOkta(person) && !isDeprovisionedInOkta(person);
    if (q !== null) return this.#prefixed(request, role, q, plain);
    return this.#answer('users.list', request, this.#select('plain', role, plain));
  }

  #select(question: string, role: Role, fits: (person: Person) => boolean): readonly Person[] {
    const { company, people } = this.#context;
    const { sees } = role;
    if (sees) return company.people.filter((person) => fits(person) && sees(person));
    return people.get(question, () => company.people.filter(fits));
  }

  #filter(request: Incoming, role: Role, filter: string): Answer {
    const fits = compileFilter(filter, this.#filterLanguage());
    const chosen = this.#select(`filter ${filter}`, role, (person) => isInOkta(person) && fits(person));
    const onlyGone = /^\s*status\s+eq\s+"DEPROVISIONED"\s*$/.test(filter);
    return this.#answer(onlyGone ? 'users.deprovisioned' : 'users.filter', request, chosen);
  }

  /** Searches what the index knew a while ago, and answers with what is now. */
  #search(request: Incoming, role: Role, search: string): Answer {
    if (search.length > 3000) throw new FilterError('the query is too long');
    const fits = compileFilter(search, this.#searchLanguage());
    const sortBy = request.query.get('sortBy');
    const attribute = sortBy === null ? null : this.#searchLanguage().attribute(sortBy);
    if (sortBy !== null && !attribute) throw new FilterError(`'${sortBy}' cannot be sorted by`);
    const descending = request.query.get('sortOrder')?.toLowerCase() === 'desc';
    const position = ({ n, ...rest }: Person): Position => {
      const value = attribute?.read({ n, ...rest }) ?? 0;
      return typeof value === 'number' ? [descending ? -value : value, n] : [JSON.stringify(value), n];
    };
    const select = (): Person[] => {
      const seen = this.#index.people().filter((person) => isInOkta(person) && fits(person));
      const visible = seen.filter((person) => role.sees === null || role.sees(person));
      return attribute ? visible.sort((a, b) => compare(position(a), position(b))) : visible;
    };
    const lagging = this.#context.settings.searchLagMs > 0 || role.sees !== null;
    const question = `search ${search} ${sortBy} ${descending}`;
    const chosen = lagging ? select() : this.#context.people.get(question, select);
    return this.#answer('users.search', request, chosen, position);
  }

  /** Prefix of a name or address; ten by default, no paging. */
  #prefixed(request: Incoming, role: Role, q: string, plain: (person: Person) => boolean): Answer {
    const start = q.toLowerCase();
    const fits = (person: Person): boolean =>
      plain(person) && [person.given, person.family, person.email].some((text) => text.toLowerCase().startsWith(start));
    const limit = Number(request.query.get('limit') ?? 10);
    const chosen = this.#select(`q ${q}`, role, fits).slice(0, limit);
    return this.#answer('users.filter', request, chosen);
  }

  #answer(
    route: Route,
    request: Incoming,
    all: readonly Person[],
    position: (person: Person) => Position = (person) => [0, person.n],
  ): Answer {
    const render = this.#way(request);
    return this.#context.list({ route, request, all, position, render, limit: LIMIT });
  }

  /** Whole, lean (`okta-response=omitCredentials…`), or only some `fields`. */
  #way(request: Incoming): (person: Person) => Item {
    const fields = request.query.get('fields');
    const { render } = this.#context;
    const written =
      fields === null
        ? this.#context.users(isLean(request))
        : this.#context.written(`fields ${fields}`, (one) => JSON.stringify(project(render.user(one), fields)));
    return (person) => written.get(this.#now(person));
  }

  /** The index may hold an older copy; results show the person of today. */
  #now(person: Person): Person {
    return this.#context.company.people[person.n] ?? person;
  }

  get(request: Incoming, role: Role, idOrLogin: string): Answer {
    const person = this.#context.find(idOrLogin, role);
    if (!person) return this.#context.notFound('users.get', idOrLogin, 'User');
    const body = this.#context.users(isLean(request)).get(person).json;
    const reply = { status: 200, headers: { 'content-type': 'application/json' }, body };
    return this.#context.reply('users.get', reply, this.#context.id(person));
  }

  groups(role: Role, idOrLogin: string): Answer {
    const { company, render } = this.#context;
    const person = this.#context.find(idOrLogin, role);
    if (!person) return this.#context.notFound('users.groups', idOrLogin, 'User');
    const groups = company.groups.filter((group) => company.isOktaMember(group, person));
    return this.#context.reply(
      'users.groups',
      json(
        200,
        groups.map((group) => render.group(group)),
      ),
      this.#context.id(person),
    );
  }

  #filterLanguage(): Language<Person> {
    const attributes: Record<string, Attribute<Person>> = {
      status: { operators: EQUAL, read: oktaStatus },
      lastUpdated: { operators: ORDER, time: true, read: (person) => person.lastUpdated },
      id: { operators: EQUAL, read: (person) => this.#context.id(person) },
      'profile.login': { operators: EQUAL, read: (person) => person.login },
      'profile.email': { operators: EQUAL, read: (person) => person.email },
      'profile.firstName': { operators: EQUAL, read: (person) => person.given },
      'profile.lastName': { operators: EQUAL, read: (person) => person.family },
    };
    return { caseSensitive: true, attribute: (name) => attributes[name] ?? null };
  }

  #searchLanguage(): Language<Person> {
    const time = (read: (person: Person) => number | null): Attribute<Person> => ({
      operators: ORDER,
      time: true,
      read,
    });
    const attributes: Record<string, Attribute<Person>> = {
      id: { operators: ANY, read: (person) => this.#context.id(person) },
      status: { operators: ANY, read: oktaStatus },
      'type.id': { operators: ANY, read: () => this.#context.company.ids.okta('type', 1) },
      created: time((person) => person.created),
      activated: time((person) => person.activated),
      statusChanged: time((person) => person.statusChanged),
      lastUpdated: time((person) => person.lastUpdated),
    };
    const contains = ['profile.firstName', 'profile.lastName', 'profile.email', 'profile.login'];
    return {
      caseSensitive: false,
      attribute: (name) => {
        if (!name.startsWith('profile.')) return attributes[name] ?? null;
        const key = name.slice('profile.'.length);
        const read = (person: Person): string | readonly string[] | null => {
          const value = this.#context.render.profile(person)[key];
          return typeof value === 'string' || Array.isArray(value) ? (value as string | string[]) : null;
        };
        return { operators: contains.includes(name) ? [...ANY, 'co'] : ANY, read };
      },
    };
  }
}

function isLean(request: Incoming): boolean {
  return String(request.headers['content-type']).includes('omitCredentials');
}

function compare(a: Position, b: Position): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1];
}
