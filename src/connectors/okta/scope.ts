import type { DirectoryRecord, FaultyRecord, ScopeVerdict } from '../../sync/model.js';
import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';
import { usableId } from '../text.js';
import type { Question } from './transport.js';
import type { OktaScope } from './settings.js';
import type { OktaRefusal } from './failures.js';
import type { UserMapper } from './user.js';

/** People of one page, at most. */
export const PAGE = 200;

/** One list of a full read. A read goes through its parts one after another. */
export interface Part {
  question: Question;
  /** @throws {ConnectorError} `unauthorized` when the list cannot serve as a scope. */
  take(entry: unknown): DirectoryRecord | FaultyRecord;
  /** What a 403 or 404 of this list means while the group or application itself can be read. */
  refused(refusal: OktaRefusal): ConnectorError;
}

const IN: ScopeVerdict = { in: true };

/** Fewer bytes per page where Okta heeds it. */
const LEAN = {
  'Content-Type': 'application/json; okta-response=omitCredentials,omitCredentialsLinks,omitTransitioningToStatus',
};

/**
 * The lists that a full read of the scope consists of. The plain list of users leaves deprovisioned ones out.
 *
 * @param groupName What a group of the scope is called, as far as is known.
 */
export function partsOf(scope: OktaScope, mapUser: UserMapper, groupName: (id: string) => string): Part[] {
  switch (scope.kind) {
    case 'directory':
      return [directoryPart(mapUser)];
    case 'application':
      return [applicationPart(scope.applicationId, mapUser)];
    case 'groups':
      return scope.groupIds.map((groupId) => groupPart(groupId, mapUser, groupName));
  }
}

/**
 * The plain list of users. Whole profiles, rather than the fields that a mapping needs: were a projection read otherwise
 * than we mean it, everybody would seem to have lost an attribute.
 */
export function listOfUsers(limit: number): Question {
  return { path: `/api/v1/users?limit=${limit}`, bucket: 'users', what: 'the list of users', headers: LEAN };
}

function directoryPart(mapUser: UserMapper): Part {
  return {
    question: listOfUsers(PAGE),
    take: (user) => mapUser(user, IN),
    refused: (refusal) => refusal.toConnectorError('the list of users'),
  };
}

function groupPart(groupId: string, mapUser: UserMapper, groupName: (id: string) => string): Part {
  return {
    question: {
      path: `/api/v1/groups/${groupId}/users?limit=${PAGE}`,
      bucket: 'group',
      what: `the members of the group ${groupId}`,
      headers: LEAN,
    },
    take: (user) => foundInGroup(mapUser(user, IN), groupName(groupId)),
    refused: (refusal) =>
      new ConnectorError(
        'unavailable',
        `Okta shows the group ${groupId} but not its members (${refusal.status}): let the role see them; nothing was changed.`,
        { passing: false },
      ),
  };
}

/** Which group took somebody in, for what held people share. */
export function foundInGroup<Found extends DirectoryRecord | FaultyRecord>(record: Found, group: string): Found {
  return 'fault' in record ? record : { ...record, traits: { group } };
}

export function missingGroup(groupId: string): ConnectorError {
  return new ConnectorError(
    'unauthorized',
    `The group ${groupId} of the scope does not exist in Okta any more, or may not be seen: take it out of the scope, or let the role see it.`,
  );
}

function applicationPart(applicationId: string, mapUser: UserMapper): Part {
  return {
    question: {
      path: `/api/v1/apps/${applicationId}/users?limit=${PAGE}&expand=user`,
      bucket: 'app',
      what: `the people assigned to the application ${applicationId}`,
    },
    take: (assignment) => assigned(assignment, applicationId, mapUser),
    refused: (refusal) => refusal.toConnectorError(`the people assigned to the application ${applicationId}`),
  };
}

export function missingApplication(applicationId: string): ConnectorError {
  return new ConnectorError(
    'unauthorized',
    `The application ${applicationId} of the scope does not exist in Okta any more, or may not be seen: choose another scope, or let the role see it.`,
  );
}

/** Standing of an assignment. `IMPLICIT` is not here: such an application is no scope at all. */
const ASSIGNED: Readonly<Record<string, boolean>> = {
  ACTIVE: true,
  APPROVED: true,
  MATCHED: true,
  IMPORTED: true,
  PENDING: true,
  PROVISIONED: true,
  STAGED: true,
  DEPROVISIONED: false,
  INACTIVE: false,
  REVOKED: false,
  SUSPENDED: false,
  UNASSIGNED: false,
};

export function implicitAccess(applicationId: string): ConnectorError {
  return new ConnectorError(
    'unauthorized',
    `The application ${applicationId} lets everybody in without an assignment (Federation Broker Mode), so it is no scope: switch that off and assign people or groups, or choose another scope.`,
  );
}

/** An assignment with its user embedded. */
export function assigned(
  assignment: unknown,
  applicationId: string,
  mapUser: UserMapper,
): DirectoryRecord | FaultyRecord {
  if (!isObject(assignment)) return { externalId: null, fault: 'An entry of the list is not an assignment.' };
  const id = usableId(assignment['id']);
  const status = assignment['status'];
  if (status === 'IMPLICIT') throw implicitAccess(applicationId);
  const embedded = assignment['_embedded'];
  const user = isObject(embedded) ? embedded['user'] : undefined;
  if (!isObject(user)) return { externalId: id, fault: 'The assignment came without its user.' };
  if (user['id'] !== assignment['id'])
    return { externalId: null, fault: 'The assignment and its user have different ids.' };
  if (typeof status !== 'string' || !Object.hasOwn(ASSIGNED, status)) {
    return { externalId: id, fault: 'The standing of its assignment is none that Okta documents.' };
  }
  const because = `Its assignment to the application ${applicationId} in Okta is ${status.toLowerCase()}.`;
  return mapUser(user, ASSIGNED[status] === true ? IN : { in: false, because });
}
