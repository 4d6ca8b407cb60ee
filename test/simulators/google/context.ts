import type { Company } from '../company/company.ts';
import type { Group, Person } from '../company/model.ts';
import { isInGoogle } from '../company/model.ts';
import type { Answer, Incoming, Item, Listing, Reply, Route } from '../http/answer.ts';
import { join, JSON_TYPE } from '../http/answer.ts';
import { readCursor, Rendered, Selections, slice, writeCursor, type Position } from '../http/paging.ts';
import { errors, googleError } from './errors.ts';
import { applyMask, parseMask, type Mask } from './fields.ts';
import { GoogleRender } from './render.ts';
import type { GoogleSettings } from './settings.ts';

export interface ListQuestion<T> {
  readonly route: Route;
  readonly subject?: string;
  readonly request: Incoming;
  /** `users` and `admin#directory#users`, for example. */
  readonly key: string;
  readonly kind: string;
  readonly all: readonly T[];
  readonly position: (item: T) => Position;
  readonly render: (item: T, mask: Mask | null) => Item;
  readonly limit: { readonly byDefault: number; readonly max: number };
}

const DAY = 86_400_000;
const TOP = ['kind', 'etag', 'nextPageToken', '*'];

/** What every part of the API works with. */
export class GoogleContext {
  readonly company: Company;
  readonly settings: GoogleSettings;
  readonly render: GoogleRender;
  readonly people: Selections<Person>;
  readonly #rendered = new Map<string, Rendered<Person>>();

  constructor(company: Company, settings: GoogleSettings) {
    this.company = company;
    this.settings = settings;
    this.render = new GoogleRender(company, settings);
    this.people = new Selections(company);
  }

  /** People written in one way, remembered. At most a few ways are kept. */
  written(way: string, render: (person: Person) => string): Rendered<Person> {
    const key = `${way} ${this.render.customer} ${this.settings.admins.join()}`;
    const known = this.#rendered.get(key);
    if (known) return known;
    if (this.#rendered.size > 6) this.#rendered.clear();
    const made = new Rendered((person: Person) => this.id(person), render);
    this.#rendered.set(key, made);
    return made;
  }

  id(person: Person): string {
    return this.company.ids.google('person', person.n);
  }

  /** By id, primary address or alias; the deleted are found only by id, and only if asked for. */
  findPerson(key: string, deletedToo = false): Person | null {
    const n = this.company.ids.fromGoogle('person', key);
    const byId = n === null ? undefined : this.company.people[n];
    if (byId) return isInGoogle(byId) || deletedToo ? byId : null;
    const wanted = key.toLowerCase();
    const owner = this.company.byAddress(wanted);
    if (owner && owner.email.toLowerCase() === wanted && isInGoogle(owner)) return owner;
    return this.company.people.find((person) => isInGoogle(person) && person.aliases.includes(wanted)) ?? null;
  }

  findGroup(key: string): Group | null {
    const n = this.company.ids.fromGoogle('group', key);
    const group =
      n === null
        ? this.company.groups.find((one) => !one.deleted && one.email === key.toLowerCase())
        : this.company.groups[n];
    return group && !group.deleted && group.kind !== 'everyone' ? group : null;
  }

  /** What is wrong with `customer` and `domain`; null when they name this customer. `domain` narrows. */
  wrongCustomer(request: Incoming, hasSubject: boolean): Reply | null {
    const [customer, domain] = [request.query.get('customer'), request.query.get('domain')];
    if (customer === null && domain === null) return googleError(400, 'badRequest', 'Bad Request');
    if (domain !== null)
      return this.company.domains.includes(domain) ? null : googleError(404, 'notFound', 'Domain not found.');
    return this.wrongCustomerKey(customer ?? '', hasSubject);
  }

  wrongCustomerKey(key: string, hasSubject: boolean): Reply | null {
    if (key === 'my_customer') return hasSubject ? null : errors.invalid('my_customer');
    return key === this.render.customer ? null : errors.forbidden();
  }

  reply(route: Route, reply: Reply, subject: string | null = null): Answer {
    return { route, subject, reply, listing: null };
  }

  /** Answers a question for a list with the page that its token names. */
  list<T>(question: ListQuestion<T>): Answer {
    const { route, request, limit: bounds } = question;
    const subject = question.subject ?? null;
    const refuse = (reply: Reply): Answer => this.reply(route, reply, subject);
    const limit = Number(request.query.get('maxResults') ?? bounds.byDefault);
    if (!Number.isInteger(limit) || limit < 1 || limit > bounds.max) return refuse(errors.invalid('maxResults'));
    const mask = maskOf(request, question.key);
    if (mask === 'unreadable') return refuse(googleError(400, 'invalidParameter', 'Invalid field selection'));
    const about = aboutOf(request);
    const now = this.company.clock.now();
    const token = request.query.get('pageToken');
    const cursor =
      token === null ? { after: null, begun: now, issued: now, about } : readCursor(token, this.company.seed);
    if (!cursor || cursor.about !== about || now - cursor.issued > 3 * DAY) return refuse(errors.invalid('pageToken'));
    if (now - cursor.begun > this.settings.listingMs) return refuse(errors.tooSlow());
    const page = slice(question.all, question.position, cursor.after, limit);
    const mark = (after: Position | null): string =>
      writeCursor({ after, begun: cursor.begun, issued: now, about }, this.company.seed);
    const inner = mask === null || '*' in mask ? null : (mask[question.key] ?? null);
    const listing: Listing = {
      items: page.items.map((item) => question.render(item, inner)),
      page: page.page,
      pages: page.pages,
      next: page.last === null ? null : mark(page.last),
      here: mark(cursor.after),
      start: mark(null),
      fresh: () => mark(cursor.after),
      render: (items, next) => this.#renderPage(question, mask, items, next),
    };
    return { route, subject, reply: null, listing };
  }

  /** The list's key is absent when there is nothing to list, and the token only comes if it was asked for. */
  #renderPage<T>(question: ListQuestion<T>, mask: Mask | null, items: readonly Item[], next: string | null): Reply {
    const asked = (field: string): boolean => mask === null || '*' in mask || field in mask;
    const head: string[] = [];
    if (asked('kind')) head.push(`"kind":"${question.kind}"`);
    if (asked('etag'))
      head.push(`"etag":${JSON.stringify(this.render.etag(question.key, items.length, this.company.revision))}`);
    const listed = asked(question.key) && items.length > 0;
    const tail = next !== null && asked('nextPageToken') ? `"nextPageToken":${JSON.stringify(next)}` : '';
    const headers = { 'content-type': JSON_TYPE };
    if (!listed) {
      return { status: 200, headers, body: `{${[...head, tail].filter((part) => part !== '').join(',')}}` };
    }
    const before = `{${head.map((part) => `${part},`).join('')}"${question.key}":[`;
    return { status: 200, headers, body: join(before, items, `]${tail === '' ? '' : `,${tail}`}}`) };
  }

  /** One object, as far as `fields` asks for it. */
  object(request: Incoming, value: Record<string, unknown>): Reply {
    const text = request.query.get('fields');
    const mask = text === null ? null : parseMask(text);
    if (text !== null && mask === null) return googleError(400, 'invalidParameter', `Invalid field selection ${text}`);
    return { status: 200, headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(applyMask(value, mask)) };
  }
}

/** The `fields` mask; only what such a list has may be named. */
function maskOf(request: Incoming, key: string): Mask | null | 'unreadable' {
  const text = request.query.get('fields');
  if (text === null) return null;
  const mask = parseMask(text);
  if (!mask) return 'unreadable';
  return Object.keys(mask).every((field) => TOP.includes(field) || field === key) ? mask : 'unreadable';
}

/** All parameters but the page itself: they have to stay the same while paging. */
function aboutOf(request: Incoming): string {
  const query = new URLSearchParams(request.query);
  query.delete('pageToken');
  query.sort();
  return `${request.path}?${query.toString()}`;
}
