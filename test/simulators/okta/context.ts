import type { Company } from '../company/company.ts';
import type { Person } from '../company/model.ts';
import { isInOkta } from '../company/model.ts';
import type { Answer, Incoming, Item, Listing, Reply, Route } from '../http/answer.ts';
import { join } from '../http/answer.ts';
import {
  readCursor,
  type Position,
  Rendered,
  Selections,
  type Cursor,
  type Slice,
  slice,
  writeCursor,
} from '../http/paging.ts';
import { oktaError } from './errors.ts';
import { OktaRender } from './render.ts';
import type { Role } from './settings.ts';
import type { OktaSettings } from './settings.ts';

export interface ListQuestion<T> {
  readonly route: Route;
  readonly subject?: string;
  readonly request: Incoming;
  readonly all: readonly T[];
  readonly position: (item: T) => Position;
  readonly render: (item: T) => Item;
  readonly limit: { readonly byDefault: number; readonly max: number };
}

/** What every part of the organisation's API works with. */
export class OktaContext {
  readonly company: Company;
  readonly settings: OktaSettings;
  readonly base: string;
  readonly render: OktaRender;
  readonly people: Selections<Person>;
  readonly #rendered = new Map<string, Rendered<Person>>();

  constructor(company: Company, settings: OktaSettings, base: string) {
    this.company = company;
    this.settings = settings;
    this.base = base;
    this.render = new OktaRender(company, settings, base);
    this.people = new Selections(company);
  }

  /** People written in one way, remembered. At most a few ways are kept. */
  written(way: string, render: (person: Person) => string): Rendered<Person> {
    const key = `${way} ${this.settings.managerAs} ${this.settings.writeNulls}`;
    const known = this.#rendered.get(key);
    if (known) return known;
    if (this.#rendered.size > 6) this.#rendered.clear();
    const made = new Rendered((person: Person) => this.id(person), render);
    this.#rendered.set(key, made);
    return made;
  }

  /** People whole, or lean: without credentials. */
  users(lean: boolean): Rendered<Person> {
    return this.written(`user ${lean}`, (person) => JSON.stringify(this.render.user(person, lean)));
  }

  id(person: Person): string {
    return this.company.ids.okta('person', person.n);
  }

  /** By id or login, as far as the role sees; the erased are nobody. */
  find(idOrLogin: string, role: Role): Person | null {
    const n = this.company.ids.fromOkta('person', idOrLogin);
    const person = n === null ? this.#byLogin(idOrLogin) : (this.company.people[n] ?? null);
    if (!person || !isInOkta(person)) return null;
    return role.sees === null || role.sees(person) ? person : null;
  }

  /** The whole login, or what stands before the `@` where that is unambiguous. */
  #byLogin(login: string): Person | null {
    const whole = this.company.byAddress(login);
    if (whole?.login.toLowerCase() === login.toLowerCase()) return whole;
    if (login.includes('@')) return null;
    const short = this.company.people.filter((one) => isInOkta(one) && one.login.split('@')[0] === login);
    return short.length === 1 ? (short[0] ?? null) : null;
  }

  reply(route: Route, reply: Reply, subject: string | null = null): Answer {
    return { route, subject, reply, listing: null };
  }

  notFound(route: Route, id: string, type: string): Answer {
    return this.reply(route, oktaError('E0000007', `${id} (${type})`), id);
  }

  /** Answers a question for a list with the page that its cursor names. */
  list<T>(question: ListQuestion<T>): Answer {
    const { route, request, limit: bounds } = question;
    const subject = question.subject ?? null;
    const limit = Number(request.query.get('limit') ?? bounds.byDefault);
    if (!Number.isInteger(limit) || limit < 1 || limit > bounds.max) {
      return this.reply(route, oktaError('E0000001', 'limit'), subject);
    }
    const about = aboutOf(request);
    const text = request.query.get('after');
    const now = this.company.clock.now();
    const cursor: Cursor | null =
      text === null ? { after: null, begun: now, issued: now, about } : readCursor(text, this.company.seed);
    if (!cursor || cursor.about !== about)
      return this.reply(route, oktaError('E0000053', "'after' is not valid"), subject);
    const page = slice(question.all, question.position, cursor.after, limit);
    return { route, subject, reply: null, listing: this.#listing(question, cursor, page) };
  }

  #listing<T>({ request, render }: ListQuestion<T>, cursor: Cursor, page: Slice<T>): Listing {
    const mark = (after: Position | null): string => writeCursor({ ...cursor, after }, this.company.seed);
    const next = page.last === null ? null : mark(page.last);
    return {
      items: page.items.map(render),
      page: page.page,
      pages: page.pages,
      next,
      here: mark(cursor.after),
      start: mark(null),
      fresh: () => mark(cursor.after),
      render: (items, marker, otherHost) => this.renderPage(request, items, marker, otherHost),
    };
  }

  renderPage(request: Incoming, items: readonly Item[], next: string | null, otherHost = this.base): Reply {
    const links = [`<${this.base}${request.url}>; rel="self"`];
    if (next !== null) {
      const query = new URLSearchParams(request.query);
      query.set('after', next);
      links.push(`<${otherHost}${request.path}?${query.toString()}>; rel="next"`);
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/json', link: links },
      body: join('[', items, ']'),
    };
  }
}

/** What a list was asked for, the page itself aside. */
function aboutOf(request: Incoming): string {
  const query = new URLSearchParams(request.query);
  query.delete('after');
  query.delete('limit');
  return `${request.path}?${query.toString()}`;
}
