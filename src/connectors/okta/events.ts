import { isObject } from '../json.js';
import { usableId } from '../text.js';
import type { OktaScope } from './settings.js';

/** An entry of the System Log, as far as it is a hint. Its contents are never applied: who is named is read directly. */
export interface OktaEvent {
  type: string;
  /** Failed attempts are logged too. */
  success: boolean;
  /** Ids of the users that it is about. */
  users: string[];
  applications: string[];
}

export const DELETIONS: readonly string[] = ['user.lifecycle.delete.initiated', 'user.lifecycle.delete.completed'];

/** Somebody's own record moved. Imports from a directory behind Okta may log under `system.import` alone. */
const PEOPLE: readonly string[] = [
  'user.lifecycle.create',
  'user.lifecycle.activate',
  'user.lifecycle.reactivate',
  'user.lifecycle.deactivate',
  'user.lifecycle.suspend',
  'user.lifecycle.unsuspend',
  ...DELETIONS,
  'user.account.update_profile',
  'user.account.update_primary_email',
  'system.import.user.create',
  'system.import.user.update',
  'system.import.user.delete',
  'system.import.user.suspend',
  'system.import.user.unsuspend',
  'system.import.user.update_user_lifecycle_from_master',
];

/** Somebody's own assignment moved. */
const ASSIGNMENTS: readonly string[] = [
  'application.user_membership.add',
  'application.user_membership.remove',
  'application.user_membership.update',
  'application.user_membership.change_username',
  'application.user_membership.revoke',
  'application.user_membership.deprovision',
  'group.user_membership.add',
  'group.user_membership.remove',
];

/** One of these can move thousands into a scope or out of it. */
const MANY: readonly string[] = [
  'group.application_assignment.add',
  'group.application_assignment.remove',
  'group.application_assignment.update',
  'group.lifecycle.delete',
  'system.import.group.create',
  'system.import.group.delete',
];

/** Whether people named by an event are to be read. Groups mean nothing where everybody is in scope. */
export function movesPeople(event: OktaEvent, scope: OktaScope): boolean {
  return PEOPLE.includes(event.type) || (scope.kind === 'application' && ASSIGNMENTS.includes(event.type));
}

/** Whether one event may have moved many, so that a full read must follow. */
export function movesMany(event: OktaEvent, scope: OktaScope): boolean {
  if (scope.kind !== 'application' || !MANY.includes(event.type)) return false;
  // Another application's assignments are no business of ours; an event that names none may be about ours.
  return event.applications.length === 0 || event.applications.includes(scope.applicationId);
}

export function filterOf(types: readonly string[]): string {
  return types.map((type) => `eventType eq "${type}"`).join(' or ');
}

/** The same in fewer words, since the whole filter is echoed in each link; what it lets in besides is left out here. */
export function deltaFilter(scope: OktaScope): string {
  const starts = ['user.lifecycle.', 'system.import.user.'];
  const exact = ['user.account.update_profile', 'user.account.update_primary_email'];
  if (scope.kind === 'application') {
    starts.push(
      'application.user_membership.',
      'group.user_membership.',
      'group.application_assignment.',
      'system.import.group.',
    );
    exact.push('group.lifecycle.delete');
  }
  return [...starts.map((start) => `eventType sw "${start}"`), filterOf(exact)].join(' or ');
}

/** Null for an entry that is no event. */
export function eventOf(entry: unknown): OktaEvent | null {
  if (!isObject(entry) || typeof entry['eventType'] !== 'string') return null;
  const outcome = entry['outcome'];
  const targets: unknown[] = Array.isArray(entry['target']) ? entry['target'] : [];
  const idsOf = (kind: string): string[] =>
    targets.flatMap((target) => {
      const id = isObject(target) && target['type'] === kind ? usableId(target['id']) : null;
      return id === null ? [] : [id];
    });
  return {
    type: entry['eventType'],
    success: isObject(outcome) && outcome['result'] === 'SUCCESS',
    users: idsOf('User'),
    applications: idsOf('AppInstance'),
  };
}
