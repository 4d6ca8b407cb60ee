import type { Person } from '../company/model.ts';
import { json, type Answer, type Incoming } from '../http/answer.ts';
import type { Rendered } from '../http/paging.ts';
import type { OktaContext } from './context.ts';
import type { Role } from './settings.ts';

const LIMIT = { byDefault: 50, max: 500 };

/** `/api/v1/apps/{id}`: one application, whom it is assigned to, and through which groups. */
export class OktaApps {
  readonly #context: OktaContext;

  constructor(context: OktaContext) {
    this.#context = context;
  }

  #exists(id: string): boolean {
    const { application, ids } = this.#context.company;
    return !application.deleted && ids.okta('application', application.n) === id;
  }

  get(id: string): Answer {
    if (!this.#exists(id)) return this.#context.notFound('apps.get', id, 'AppInstance');
    return this.#context.reply('apps.get', json(200, this.#context.render.application()), id);
  }

  users(request: Incoming, role: Role, id: string): Answer {
    if (!this.#exists(id)) return this.#context.notFound('apps.users', id, 'AppInstance');
    const { company, people, render } = this.#context;
    const embed = request.query.get('expand') === 'user';
    const assigned = people.get('assigned', () => company.people.filter((one) => company.oktaAssignment(one) !== null));
    const way = (scope: 'USER' | 'GROUP'): Rendered<Person> => {
      const key = `app ${scope} ${embed} ${company.application.implicit}`;
      return this.#context.written(key, (one) => render.assignment(one, scope, embed));
    };
    const [direct, throughGroup] = [way('USER'), way('GROUP')];
    return this.#context.list<Person>({
      route: 'apps.users',
      subject: id,
      request,
      all: role.sees ? assigned.filter(role.sees) : assigned,
      position: (person) => [0, person.n],
      render: (person) => (company.application.direct.has(person.n) ? direct : throughGroup).get(person),
      limit: LIMIT,
    });
  }

  user(request: Incoming, role: Role, id: string, userId: string): Answer {
    if (!this.#exists(id)) return this.#context.notFound('apps.user', id, 'AppInstance');
    const person = this.#context.find(userId, role);
    const assignment = person && this.#context.company.oktaAssignment(person);
    if (!person || !assignment) return this.#context.notFound('apps.user', userId, 'AppUser');
    const embed = request.query.get('expand') === 'user';
    const body = this.#context.render.assignment(person, assignment.scope, embed);
    const reply = { status: 200, headers: { 'content-type': 'application/json' }, body };
    return this.#context.reply('apps.user', reply, this.#context.id(person));
  }

  groups(request: Incoming, id: string): Answer {
    if (!this.#exists(id)) return this.#context.notFound('apps.groups', id, 'AppInstance');
    const { company, base } = this.#context;
    const groups = [...company.application.groups].sort((a, b) => a - b).map((n) => company.group(n));
    return this.#context.list({
      route: 'apps.groups',
      subject: id,
      request,
      all: groups,
      position: (group) => [0, group.n],
      render: (group) => {
        const groupId = company.ids.okta('group', group.n);
        const links = { group: { href: `${base}/api/v1/groups/${groupId}` } };
        const lastUpdated = new Date(group.lastUpdated).toISOString();
        const body = { id: groupId, lastUpdated, priority: 0, profile: {}, _links: links };
        return { id: groupId, json: Buffer.from(JSON.stringify(body)) };
      },
      limit: { byDefault: 20, max: 200 },
    });
  }
}
