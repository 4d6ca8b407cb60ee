import type { ScopeVerdict } from '../../sync/model.js';
import type { ScopeObject } from '../connector.js';
import { arrayOf, isObject, objectOf, type JsonObject } from '../json.js';
import { nameOr } from '../text.js';
import { OktaRefusal } from './failures.js';
import { implicitAccess, missingApplication, missingGroup } from './scope.js';
import type { OktaScope } from './settings.js';
import type { OktaTransport } from './transport.js';

/** How long an object that was just seen is taken to be there. */
const SEEN_FOR_MS = 60_000;

/** The group or application that the scope names: that they exist, and how they are called. */
export class ScopeObjects {
  private seen: { objects: ScopeObject[]; at: number } | null = null;

  constructor(
    private readonly transport: OktaTransport,
    private readonly scope: OktaScope,
    private readonly now: () => Date,
  ) {}

  /** @throws {ConnectorError} `unauthorized` when one is missing, unreadable, or no scope. */
  async read(signal: AbortSignal, withSizes = false): Promise<ScopeObject[]> {
    const objects = await this.fetch(signal, withSizes);
    this.seen = { objects, at: this.now().getTime() };
    return objects;
  }

  /** What an object is called, as last seen; else its id. */
  nameOf(id: string): string {
    return this.seen?.objects.find((object) => object.id === id)?.name ?? id;
  }

  /**
   * That somebody is outside, naming what they are outside of. Looks first whether it is still there: nobody is out of
   * the scope because the scope is gone.
   */
  async notWithin(signal: AbortSignal): Promise<ScopeVerdict> {
    const { seen } = this;
    const recent = seen !== null && Math.abs(this.now().getTime() - seen.at) < SEEN_FOR_MS;
    const names = (recent ? seen.objects : await this.read(signal)).map((object) => `“${object.name}”`);
    if (this.scope.kind === 'application') {
      return { in: false, because: `Not assigned to the application ${names.join(', ')} in Okta.` };
    }
    return {
      in: false,
      because: `Not a member of ${names.length === 1 ? 'the group' : 'any of the groups'} ${names.join(', ')} in Okta.`,
    };
  }

  private async fetch(signal: AbortSignal, withSizes: boolean): Promise<ScopeObject[]> {
    const { scope } = this;
    switch (scope.kind) {
      case 'directory':
        return [];
      case 'application':
        return [await this.application(scope.applicationId, signal)];
      case 'groups': {
        const groups: ScopeObject[] = [];
        for (const groupId of scope.groupIds) groups.push(await this.group(groupId, withSizes, signal));
        return groups;
      }
    }
  }

  private async group(id: string, withSize: boolean, signal: AbortSignal): Promise<ScopeObject> {
    const group = await this.object(
      { path: `/api/v1/groups/${id}${withSize ? '?expand=stats' : ''}`, bucket: 'group', what: `the group ${id}` },
      () => missingGroup(id),
      signal,
    );
    const embedded = group['_embedded'];
    const stats = isObject(embedded) ? embedded['stats'] : undefined;
    const count = isObject(stats) ? stats['usersCount'] : undefined;
    const profile = group['profile'];
    const name = isObject(profile) ? profile['name'] : undefined;
    return { kind: 'group', id, name: nameOr(name, id), size: typeof count === 'number' ? count : null };
  }

  /** Its settings say whether access is implicit; where they don't, the first of its assignments does. */
  private async application(id: string, signal: AbortSignal): Promise<ScopeObject> {
    const application = await this.object(
      { path: `/api/v1/apps/${id}`, bucket: 'app', what: `the application ${id}` },
      () => missingApplication(id),
      signal,
    );
    const settings = application['settings'];
    if (isObject(settings) && settings['implicitAssignment'] === true) throw implicitAccess(id);
    const list = await this.transport.must(
      { path: `/api/v1/apps/${id}/users?limit=1`, bucket: 'app', what: `the people assigned to the application ${id}` },
      signal,
    );
    const assignments = arrayOf(list.body, "Okta's list of assignments");
    if (assignments.some((one) => isObject(one) && one['status'] === 'IMPLICIT')) throw implicitAccess(id);
    const size = assignments.length === 0 && list.next === null ? 0 : null;
    return { kind: 'application', id, name: nameOr(application['label'], id), size };
  }

  private async object(
    question: Parameters<OktaTransport['get']>[0],
    missing: () => Error,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    try {
      return objectOf((await this.transport.get(question, signal)).body, `Okta's answer about ${question.what}`);
    } catch (error) {
      if (!(error instanceof OktaRefusal)) throw error;
      throw error.status === 404 ? missing() : error.toConnectorError(question.what);
    }
  }
}
