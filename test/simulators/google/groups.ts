import type { Group, Person } from '../company/model.ts';
import { isInGoogle } from '../company/model.ts';
import { json, type Answer, type Incoming, type Item } from '../http/answer.ts';
import type { GoogleCaller } from './auth.ts';
import type { GoogleContext } from './context.ts';
import { errors } from './errors.ts';
import { applyMask, type Mask } from './fields.ts';

const LIMIT = { byDefault: 200, max: 200 };

/** One entry of a group: a person, a group within, an address elsewhere, or everybody. */
type Member =
  | { readonly kind: 'person'; readonly n: number; readonly person: Person }
  | { readonly kind: 'group'; readonly n: number; readonly group: Group }
  | { readonly kind: 'external'; readonly n: number; readonly email: string }
  | { readonly kind: 'customer'; readonly n: number };

const ORDER = { person: 0, group: 1, external: 2, customer: 3 };

/** Groups and who is in them, groups within groups included. */
export class GoogleGroups {
  readonly #context: GoogleContext;

  constructor(context: GoogleContext) {
    this.#context = context;
  }

  list(request: Incoming, caller: GoogleCaller): Answer {
    const { company, render } = this.#context;
    const userKey = request.query.get('userKey');
    const wrong = userKey === null ? this.#context.wrongCustomer(request, caller.subject !== null) : null;
    if (wrong) return this.#context.reply('groups.list', wrong);
    const person = userKey === null ? null : this.#context.findPerson(userKey);
    if (userKey !== null && !person) return this.#context.reply('groups.list', errors.notFound('userKey'));
    const domain = request.query.get('domain');
    const fits = (group: Group): boolean =>
      !group.deleted &&
      group.kind !== 'everyone' &&
      (domain === null || group.email.endsWith(`@${domain}`)) &&
      (person === null || group.members.has(person.n)) &&
      queried(group, request.query.get('query'));
    return this.#context.list({
      route: 'groups.list',
      request,
      key: 'groups',
      kind: 'admin#directory#groups',
      all: company.groups.filter(fits),
      position: (group) => [0, group.n],
      render: (group, mask) => this.#item(company.ids.google('group', group.n), render.group(group), mask),
      limit: LIMIT,
    });
  }

  #item(id: string, value: Record<string, unknown>, mask: Mask | null): Item {
    return { id, json: Buffer.from(JSON.stringify(applyMask(value, mask))) };
  }

  get(request: Incoming, key: string): Answer {
    const group = this.#context.findGroup(key);
    if (!group) return this.#context.reply('groups.get', errors.notFound('groupKey'), key);
    return this.#context.reply('groups.get', this.#context.object(request, this.#context.render.group(group)), key);
  }

  members(request: Incoming, key: string): Answer {
    const group = this.#context.findGroup(key);
    if (!group) return this.#context.reply('groups.members', errors.notFound('groupKey'), key);
    const derived = request.query.get('includeDerivedMembership') === 'true';
    const roles = request.query.get('roles')?.split(',') ?? null;
    const members = derived ? this.#flattened(group) : this.#direct(group);
    return this.#context.list({
      route: 'groups.members',
      subject: key,
      request,
      key: 'members',
      kind: 'admin#directory#members',
      all: members
        .filter((member) => roles === null || roles.includes(role(group, member)))
        .sort((a, b) => ORDER[a.kind] - ORDER[b.kind] || a.n - b.n),
      position: (member) => [ORDER[member.kind], member.n],
      render: (member, mask) => {
        const value = this.#render(group, member);
        return this.#item(String(value['id']), value, mask);
      },
      limit: LIMIT,
    });
  }

  #direct(group: Group): Member[] {
    const { company } = this.#context;
    const people = [...group.members].map((n) => company.person(n)).filter(isInGoogle);
    return [
      ...people.map((person): Member => ({ kind: 'person', n: person.n, person })),
      ...[...group.nested].map((n): Member => ({ kind: 'group', n, group: company.group(n) })),
      ...group.external.map((email, n): Member => ({ kind: 'external', n: group.n * 1000 + n, email })),
      ...(group.wholeCustomer ? [{ kind: 'customer', n: group.n } as const] : []),
    ];
  }

  /** Everybody below, however deep, with the groups themselves; a cycle is walked once. */
  #flattened(group: Group): Member[] {
    const seen = new Set<number>([group.n]);
    const found = new Map<string, Member>();
    const waiting = [group];
    for (let at = waiting.pop(); at; at = waiting.pop()) {
      for (const member of this.#direct(at)) {
        found.set(`${member.kind} ${member.n}`, member);
        if (member.kind !== 'group' || seen.has(member.n)) continue;
        seen.add(member.n);
        waiting.push(member.group);
      }
    }
    return [...found.values()];
  }

  #render(group: Group, member: Member): Record<string, unknown> {
    const { company, render } = this.#context;
    const base = { kind: 'admin#directory#member', etag: render.etag('member', member.n, group.version) };
    switch (member.kind) {
      case 'person': {
        const { person } = member;
        const suspended = ['suspended', 'deprovisioned', 'staged'].includes(person.state);
        const status = person.state === 'archived' ? 'ARCHIVED' : suspended ? 'SUSPENDED' : 'ACTIVE';
        return {
          ...base,
          id: this.#context.id(person),
          email: person.email,
          role: role(group, member),
          type: 'USER',
          status,
        };
      }
      case 'group': {
        const id = company.ids.google('group', member.n);
        return { ...base, id, email: member.group.email, role: 'MEMBER', type: 'GROUP', status: 'ACTIVE' };
      }
      case 'external':
        return {
          ...base,
          id: `9${String(member.n).padStart(20, '0')}`,
          email: member.email,
          role: 'MEMBER',
          type: 'EXTERNAL',
        };
      case 'customer':
        return { ...base, id: render.customer, role: 'MEMBER', type: 'CUSTOMER' };
    }
  }

  /** Whether a member of this customer is in the group, however deep; others cannot be asked for. */
  hasMember(groupKey: string, memberKey: string): Answer {
    const { company } = this.#context;
    const group = this.#context.findGroup(groupKey);
    if (!group) return this.#context.reply('groups.member', errors.notFound('groupKey'), groupKey);
    const person = this.#context.findPerson(memberKey);
    const inner = person ? null : this.#context.findGroup(memberKey);
    if (!person && !inner) return this.#context.reply('groups.member', errors.invalid('memberKey'), memberKey);
    const isMember = person
      ? company.googleMembers(group).has(person.n)
      : this.#flattened(group).some((member) => member.kind === 'group' && member.n === inner?.n);
    return this.#context.reply('groups.member', json(200, { isMember }), person ? this.#context.id(person) : memberKey);
  }
}

function role(group: Group, member: Member): string {
  if (member.kind !== 'person' || !group.members.has(member.n)) return 'MEMBER';
  const [owner] = group.members;
  return owner === member.n ? 'OWNER' : member.n % 17 === 0 ? 'MANAGER' : 'MEMBER';
}

/** `email:abc*`, `name:abc*` and the like. */
function queried(group: Group, query: string | null): boolean {
  if (query === null) return true;
  const [, field, value = ''] = /^(email|name)[:=]'?([^'*]*)/.exec(query) ?? [];
  const text = field === 'email' ? group.email : group.name;
  return text.toLowerCase().startsWith(value.toLowerCase());
}
