import type { admin_directory_v1 } from '@googleapis/admin';
import { ConnectorError } from '../errors.js';
import { arrayOf, isObject, type JsonObject } from '../json.js';
import type { Refusal } from './api-failures.js';
import type { Answered, DirectoryApi, Refused, Request } from './directory-api.js';
import { OAUTH, PRIVILEGE, type OAuthScope } from './oauth-scopes.js';
import { PageTrail } from './page-trail.js';

/** People a page holds at most; Google's own limit. */
export const USERS_PER_PAGE = 500;
const OTHERS_PER_PAGE = 200;
const LONGEST_PAGE_TOKEN = 4_096;

type UsersList = admin_directory_v1.Params$Resource$Users$List;
type UsersGet = admin_directory_v1.Params$Resource$Users$Get;

export interface ListPage {
  items: unknown[];
  next: string | null;
  observedAt: Date;
}

/**
 * What we ask the Directory API, one method per question. `scopes` are those of the connection, so that one token
 * serves all of its requests.
 */
export class DirectoryReads {
  constructor(
    private readonly api: DirectoryApi,
    private readonly scopes: readonly OAuthScope[],
    private readonly customer: string,
  ) {}

  /** @param listingSince When the first page was asked for. */
  async usersPage(
    params: Omit<UsersList, 'customer'>,
    listingSince: Date | null,
    signal: AbortSignal,
  ): Promise<ListPage> {
    const request = { ...this.request('the list of users', OAUTH.users, params.pageToken), listingSince };
    const call = { ...params, customer: this.customer };
    const answer = await this.api.get(request, (sdk, options) => sdk.users.list(call, options), signal);
    return pageOf(answer, 'users', 'the list of users', params.pageToken);
  }

  /** @param userKey Id or address; an alias will do, so look at what comes. */
  async user(userKey: string, params: UsersGet, signal: AbortSignal): Promise<Answered | Refused> {
    const request: Request = { ...this.request('one user', OAUTH.users), tolerate: isAboutTheUser };
    return await this.api.ask(request, (sdk, options) => sdk.users.get({ ...params, userKey }, options), signal);
  }

  /** The delegated subject, as it sees itself. */
  async subject(address: string, signal: AbortSignal): Promise<JsonObject> {
    const params = { userKey: address, fields: 'id,primaryEmail,customerId,isAdmin,isDelegatedAdmin' };
    const request = this.request('the account of the subject', OAUTH.users);
    return (await this.api.get(request, (sdk, options) => sdk.users.get(params, options), signal)).body;
  }

  /** @param groupKey Id or address. @returns Null when there is no such group. */
  async group(groupKey: string, signal: AbortSignal): Promise<JsonObject | null> {
    const request: Request = { ...this.request('a group', OAUTH.groups), tolerate: isNotFound };
    const params = { groupKey, fields: 'id,email,name,directMembersCount' };
    const answer = await this.api.ask(request, (sdk, options) => sdk.groups.get(params, options), signal);
    return answer.ok ? answer.body : null;
  }

  /** Direct members, page by page. A group that is not there gives null in place of its first or next page. */
  async *members(groupId: string, signal: AbortSignal): AsyncGenerator<unknown[] | null, void, void> {
    const request = { ...this.request('the members of a group', OAUTH.groups), tolerate: isNotFoundOrForbidden };
    const fields = 'nextPageToken,members(id,type)';
    yield* this.pages(
      request,
      'members',
      (pageToken) => (sdk, options) =>
        sdk.members.list({ groupKey: groupId, maxResults: OTHERS_PER_PAGE, fields, ...pageToken }, options),
      signal,
    );
  }

  /** Ids of the groups that a user is directly in. */
  async groupsOf(userId: string, signal: AbortSignal): Promise<string[]> {
    const request = this.request('the groups of one user', OAUTH.groups);
    const ids: string[] = [];
    const pages = this.pages(
      request,
      'groups',
      (pageToken) => (sdk, options) =>
        sdk.groups.list(
          { userKey: userId, maxResults: OTHERS_PER_PAGE, fields: 'nextPageToken,groups(id)', ...pageToken },
          options,
        ),
      signal,
    );
    for await (const page of pages) ids.push(...(page ?? []).map((group) => idOf(group, 'a group of one user')));
    return ids;
  }

  /** A page of the full read: the one behind it is asked for while this one is used. */
  async usersInTurn(
    params: Omit<UsersList, 'customer' | 'pageToken'>,
    pageToken: string | null,
    listingSince: Date,
    signal: AbortSignal,
  ): Promise<ListPage> {
    const what = 'the list of users';
    const asked = pageToken ?? undefined;
    const answer = await this.api.page(
      { ...this.request(what, OAUTH.users, asked), listingSince },
      pageToken,
      (token) => (sdk, options) =>
        sdk.users.list(
          { ...params, customer: this.customer, ...(token === null ? {} : { pageToken: token }) },
          options,
        ),
      signal,
    );
    return pageOf(answer, 'users', what, asked);
  }

  /** All units but the root; this listing has no pages. */
  async units(signal: AbortSignal): Promise<{ id: string; path: string; name: string }[]> {
    const request = this.request('the organisational units', OAUTH.units);
    const params = { customerId: this.customer, type: 'all', fields: 'organizationUnits(orgUnitId,orgUnitPath,name)' };
    const { body } = await this.api.get(request, (sdk, options) => sdk.orgunits.list(params, options), signal);
    return listOf(body, 'organizationUnits', 'the organisational units').map(unitOf);
  }

  /** Custom schemas of the customer; this listing has no pages. Needs a scope of its own. */
  async schemas(signal: AbortSignal): Promise<unknown[]> {
    const request: Request = { ...this.request('the custom attributes', OAUTH.schemas), scopes: [OAUTH.schemas] };
    const fields = 'schemas(schemaName,displayName,fields(fieldName,displayName,fieldType,multiValued))';
    const { body } = await this.api.get(
      request,
      (sdk, options) => sdk.schemas.list({ customerId: this.customer, fields }, options),
      signal,
    );
    return listOf(body, 'schemas', 'the custom attributes');
  }

  /** Domains that Google has verified for the customer, alias domains with them. Needs a scope of its own. */
  async verifiedDomains(signal: AbortSignal): Promise<string[]> {
    const request: Request = { ...this.request('the domains', OAUTH.domains), scopes: [OAUTH.domains] };
    const { body } = await this.api.get(
      request,
      (sdk, options) => sdk.domains.list({ customer: this.customer }, options),
      signal,
    );
    return listOf(body, 'domains', 'the domains').flatMap((domain) => {
      if (!isObject(domain)) throw new ConnectorError('bad_response', 'Google lists a domain that is not an object.');
      const aliases = Array.isArray(domain['domainAliases']) ? (domain['domainAliases'] as unknown[]) : [];
      return [
        ...verifiedName(domain, 'domainName'),
        ...aliases.flatMap((alias) => (isObject(alias) ? verifiedName(alias, 'domainAliasName') : [])),
      ];
    });
  }

  /** For scopes probed one at a time. */
  withScopes(scopes: readonly OAuthScope[]): DirectoryReads {
    return new DirectoryReads(this.api, scopes, this.customer);
  }

  private request(what: string, scope: OAuthScope, pageToken?: string): Request {
    return { what, privilege: PRIVILEGE[scope], paged: pageToken !== undefined, scopes: this.scopes };
  }

  /** Page after page; null and no more once a refusal is tolerated. */
  private async *pages(
    request: Request,
    key: string,
    call: (pageToken: { pageToken?: string }) => Parameters<DirectoryApi['ask']>[1],
    signal: AbortSignal,
  ): AsyncGenerator<unknown[] | null, void, void> {
    const trail = new PageTrail(request.what);
    let pageToken: string | null = null;
    do {
      const asked: Request = { ...request, paged: pageToken !== null };
      const answer = await this.api.ask(asked, call(pageToken === null ? {} : { pageToken }), signal);
      if (!answer.ok) {
        if (!isNotFound(answer.refusal)) throw unreadable(request.what, answer.refusal);
        yield null;
        return;
      }
      const page = pageOf(answer, key, request.what, pageToken ?? undefined);
      trail.follow(page.items, page.next);
      yield page.items;
      pageToken = page.next;
    } while (pageToken !== null);
  }
}

const ABOUT_THE_USER = new Set(['forbidden', 'notFound', 'conditionNotMet', 'deleted', 'resourceNotFound']);

/** Not found, not readable, or "User is deleted": said of the one user, not of our access. */
function isAboutTheUser(refusal: Refusal): boolean {
  if (refusal.status === 403) return ABOUT_THE_USER.has(refusal.reason);
  return refusal.status === 404 || refusal.status === 410 || refusal.status === 412;
}

function isNotFound(refusal: Refusal): boolean {
  return refusal.status === 404;
}

function isNotFoundOrForbidden(refusal: Refusal): boolean {
  return refusal.status === 404 || (refusal.status === 403 && refusal.reason === 'forbidden');
}

/** One group of many cannot be read: the read fails and is tried again; nobody is taken for gone because of it. */
function unreadable(what: string, refusal: Refusal): ConnectorError {
  return new ConnectorError(
    'unavailable',
    `Google refuses us ${what} that the scope names or contains; give the subject the privilege "${PRIVILEGE[OAUTH.groups]}" for all groups.`,
    {
      reference: `${refusal.status} ${refusal.reason}`,
      passing: false,
    },
  );
}

/** Google leaves an empty list out altogether, and the token out on the last page. */
function pageOf(answer: Answered, key: string, what: string, asked: string | undefined): ListPage {
  const { nextPageToken } = answer.body;
  const items = listOf(answer.body, key, what);
  if (nextPageToken === undefined || nextPageToken === null || nextPageToken === '') {
    return { items, next: null, observedAt: answer.observedAt };
  }
  if (typeof nextPageToken !== 'string' || nextPageToken.length > LONGEST_PAGE_TOKEN) {
    throw new ConnectorError('bad_response', `Google's ${what} has a page token that is none.`);
  }
  if (answer.body[key] === undefined) {
    throw new ConnectorError('bad_response', `Google gave an empty page of ${what} and says that there is more.`, {
      passing: true,
    });
  }
  if (nextPageToken === asked) throw new ConnectorError('bad_response', `Google's pages of ${what} go in a circle.`);
  return { items, next: nextPageToken, observedAt: answer.observedAt };
}

function listOf(body: JsonObject, key: string, what: string): unknown[] {
  const list = body[key];
  return list === undefined || list === null ? [] : arrayOf(list, `Google's ${what}`);
}

function idOf(value: unknown, what: string): string {
  const id = isObject(value) ? value['id'] : undefined;
  if (typeof id !== 'string' || id === '')
    throw new ConnectorError('bad_response', `Google lists ${what} without an id.`);
  return id;
}

function unitOf(value: unknown): { id: string; path: string; name: string } {
  const { orgUnitId: id, orgUnitPath: path, name } = isObject(value) ? value : {};
  if (typeof id !== 'string' || id === '' || typeof path !== 'string') {
    throw new ConnectorError('bad_response', 'Google lists an organisational unit without an id or a path.');
  }
  return { id, path, name: typeof name === 'string' ? name : path };
}

function verifiedName(domain: JsonObject, key: string): string[] {
  const name = domain[key];
  return domain['verified'] === true && typeof name === 'string' ? [name] : [];
}
