import type { Group, Person } from '../company/model.ts';
import { json, type Answer, type Incoming } from '../http/answer.ts';
import { compileFilter, FilterError, type Attribute, type Language } from '../http/filter.ts';
import type { OktaContext } from './context.ts';
import { oktaError } from './errors.ts';
import type { Role } from './settings.ts';

const ORDER = ['eq', 'gt', 'ge', 'lt', 'le'];

/** `/api/v1/groups`: the list, one, and its members. Okta knows no groups within groups. */
export class OktaGroups {
  readonly #context: OktaContext;

  constructor(context: OktaContext) {
    this.#context = context;
  }

  list(request: Incoming): Answer {
    const { company, render } = this.#context;
    const { query } = request;
    const text = query.get('filter') ?? query.get('search');
    const stats = query.get('expand') === 'stats';
    try {
      const fits = text === null ? () => true : compileFilter(text, this.#language(query.has('search')));
      const q = query.get('q')?.toLowerCase();
      const all = company.groups.filter(
        (group) => !group.deleted && fits(group) && (q === undefined || group.name.toLowerCase().startsWith(q)),
      );
      return this.#context.list({
        route: 'groups.list',
        request,
        all,
        position: (group) => [0, group.n],
        render: (group) => ({
          id: company.ids.okta('group', group.n),
          json: Buffer.from(JSON.stringify(render.group(group, stats))),
        }),
        limit: { byDefault: 10_000, max: 10_000 },
      });
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return this.#context.reply('groups.list', oktaError('E0000031', error.message));
    }
  }

  #find(id: string): Group | null {
    const n = this.#context.company.ids.fromOkta('group', id);
    const group = n === null ? undefined : this.#context.company.groups[n];
    return group && !group.deleted ? group : null;
  }

  get(request: Incoming, id: string): Answer {
    const group = this.#find(id);
    if (!group) return this.#context.notFound('groups.get', id, 'UserGroup');
    const body = this.#context.render.group(group, request.query.get('expand') === 'stats');
    return this.#context.reply('groups.get', json(200, body), id);
  }

  members(request: Incoming, role: Role, id: string): Answer {
    const group = this.#find(id);
    if (!group) return this.#context.notFound('groups.members', id, 'UserGroup');
    const { company, people } = this.#context;
    const { sees } = role;
    const written = this.#context.users(false);
    const all = people.get(`group ${id}`, () => company.oktaMembers(group));
    return this.#context.list<Person>({
      route: 'groups.members',
      subject: id,
      request,
      all: sees ? all.filter(sees) : all,
      position: (person) => [0, person.n],
      render: (person) => written.get(person),
      limit: { byDefault: 1000, max: 1000 },
    });
  }

  #language(search: boolean): Language<Group> {
    const { ids } = this.#context.company;
    const attributes: Record<string, Attribute<Group>> = {
      id: { operators: ['eq'], read: (group) => ids.okta('group', group.n) },
      type: {
        operators: ['eq'],
        read: ({ kind }) => ({ everyone: 'BUILT_IN', imported: 'APP_GROUP', ordinary: 'OKTA_GROUP' })[kind],
      },
      lastUpdated: { operators: ORDER, time: true, read: (group) => group.lastUpdated },
      lastMembershipUpdated: { operators: ORDER, time: true, read: (group) => group.lastMembershipUpdated },
    };
    if (search) attributes['profile.name'] = { operators: ['eq', 'sw', 'co'], read: (group) => group.name };
    return { caseSensitive: !search, attribute: (name) => attributes[name] ?? null };
  }
}
