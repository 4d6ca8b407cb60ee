import type { Past } from '../company/past.ts';
import type { Person } from '../company/model.ts';
import { isInGoogle } from '../company/model.ts';
import type { Answer, Incoming, Item } from '../http/answer.ts';
import type { Position, Rendered } from '../http/paging.ts';
import type { GoogleCaller } from './auth.ts';
import type { GoogleContext } from './context.ts';
import { errors, googleError } from './errors.ts';
import { applyMask, type Mask } from './fields.ts';
import { compileQuery } from './query.ts';

const DAY = 86_400_000;
/** How long somebody deleted can be seen and brought back. */
const SHOWN = 20 * DAY;
const LIMIT = { byDefault: 100, max: 500 };

const SORTS: Readonly<Record<string, (person: Person) => string>> = {
  email: (person) => person.email,
  familyName: (person) => person.family.toLowerCase(),
  givenName: (person) => person.given.toLowerCase(),
};

/** `users.list` in its three ways – plain, by query, deleted – and `users.get`. */
export class GoogleUsers {
  readonly #context: GoogleContext;
  readonly #index: Past;

  constructor(context: GoogleContext, index: Past) {
    this.#context = context;
    this.#index = index;
  }

  list(request: Incoming, caller: GoogleCaller): Answer {
    const { query } = request;
    const deleted = query.get('showDeleted') === 'true';
    const text = query.get('query');
    const route = deleted ? 'users.deleted' : text === null ? 'users.list' : 'users.search';
    const wrong = this.#context.wrongCustomer(request, caller.subject !== null) ?? wrongProjection(request);
    if (wrong) return this.#context.reply(route, wrong);
    const selected = this.#select(request, deleted, text);
    if (!selected) return this.#context.reply(route, errors.invalid('query'));
    const orderBy = query.get('orderBy');
    const sort = orderBy === null ? null : SORTS[orderBy];
    if (sort === undefined) return this.#context.reply(route, errors.invalid('orderBy'));
    const position = (person: Person): Position => [sort === null ? 0 : sort(person), person.n];
    return this.#context.list({
      route,
      request,
      key: 'users',
      kind: 'admin#directory#users',
      all: sort === null ? selected : this.#sorted(request, selected, position),
      position,
      render: this.#way(request, deleted),
      limit: LIMIT,
    });
  }

  #sorted(request: Incoming, selected: readonly Person[], position: (person: Person) => Position): readonly Person[] {
    const ascending = request.query.get('sortOrder') !== 'DESCENDING';
    const sorted = [...selected].sort((a, b) => (position(a)[0] < position(b)[0] ? -1 : 1));
    return ascending ? sorted : sorted.reverse();
  }

  #select(request: Incoming, deleted: boolean, query: string | null): readonly Person[] | null {
    const { company, people, settings } = this.#context;
    const domain = request.query.get('domain');
    const inDomain = (person: Person): boolean => domain === null || person.email.endsWith(`@${domain}`);
    if (deleted) {
      const since = company.clock.now() - SHOWN;
      const shown = (one: Person): boolean => !isInGoogle(one) && !one.purged && (one.leftAt ?? 0) > since;
      return company.people.filter((person) => shown(person) && inDomain(person));
    }
    if (query === null) {
      return people.get(`plain ${domain}`, () => company.people.filter((one) => isInGoogle(one) && inDomain(one)));
    }
    const fits = compileQuery(query, company, (person) => person.n === 0 || settings.admins.includes(person.n));
    if (!fits) return null;
    return this.#index.people().filter((person) => isInGoogle(person) && inDomain(person) && fits(person));
  }

  /** People as the parameters ask for them: projection, custom schemas, fields. */
  #way(request: Incoming, deleted: boolean): (person: Person, mask: Mask | null) => Item {
    const { render, company } = this.#context;
    const schemas = schemasOf(request);
    const way = `${deleted} ${JSON.stringify(schemas)} ${request.query.get('fields')}`;
    const now = (person: Person): Person => company.people[person.n] ?? person;
    let written: Rendered<Person> | null = null;
    return (person, mask) => {
      // The mask is part of the way, so the first one serves for all.
      written ??= this.#context.written(way, (one) =>
        JSON.stringify(applyMask(deleted ? render.deletedUser(one) : render.user(one, schemas), mask)),
      );
      return written.get(now(person));
    };
  }

  get(request: Incoming, key: string): Answer {
    const wrong = wrongProjection(request);
    if (wrong) return this.#context.reply('users.get', wrong, key);
    const person = this.#context.findPerson(key, true);
    if (!person) return this.#context.reply('users.get', errors.notFound('userKey'), key);
    if (!isInGoogle(person)) return this.#context.reply('users.get', this.#deletedReply(), key);
    const user = this.#context.render.user(person, schemasOf(request));
    return this.#context.reply('users.get', this.#context.object(request, user), this.#context.id(person));
  }

  #deletedReply(): ReturnType<typeof googleError> {
    switch (this.#context.settings.deletedAnswer) {
      case 404:
        return errors.notFound('userKey');
      case 403:
        return errors.forbidden();
      case 410:
        return googleError(410, 'deleted', 'Resource has been deleted');
      case 412:
        return googleError(412, 'conditionNotMet', 'User is deleted');
    }
  }
}

function wrongProjection(request: Incoming): ReturnType<typeof googleError> | null {
  const projection = request.query.get('projection') ?? 'basic';
  if (!['basic', 'full', 'custom'].includes(projection)) return errors.invalid('projection');
  return projection === 'custom' && !request.query.has('customFieldMask') ? errors.invalid('customFieldMask') : null;
}

function schemasOf(request: Incoming): readonly string[] | 'all' | null {
  const projection = request.query.get('projection');
  if (projection === 'full') return 'all';
  return projection === 'custom' ? (request.query.get('customFieldMask') ?? '').split(',') : null;
}
