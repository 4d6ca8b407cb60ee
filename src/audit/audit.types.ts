import type { AUDIT_ACTIONS } from './audit-actions.js';

/** Who did something. Ids only: names are looked up when an entry is shown, and can be erased. */
export type Actor =
  /** An API key, and the admin who stands behind it; null when the operator made it. */
  | { kind: 'key'; id: string; personId: string | null }
  /** Somebody who is signed in. */
  | { kind: 'person'; id: string; sessionId: string }
  /** Staff of the installation: at the command line, or signed in (then a person of the installation's own organisation). */
  | { kind: 'operator'; personId?: string; organisationId?: string; supportSessionId?: string }
  /** Somebody without an account who came by a set-up link. */
  | { kind: 'set_up_link'; id: string }
  /** Nobody yet: what happens before somebody is signed in. */
  | { kind: 'stranger' }
  /** A run of a connection that nobody asked for in person. */
  | { kind: 'sync'; connectionId: string }
  /** The service itself: recurring clean-up, recovery. */
  | { kind: 'system' };

export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** What is common to everything that one request or one batch records. */
export interface AuditContext {
  by: Actor;
  runId?: string | undefined;
  requestId?: string | undefined;
  /** Network address of the request. */
  address?: string | undefined;
}

export interface AuditSubject {
  action: AuditAction;
  subject: { kind: string; id: string };
  outcome?: 'done' | 'refused' | 'failed';
  /** Names of the fields that changed, never their values. */
  fields?: readonly string[];
  /** Closed codes, ids, counts and versions; never what somebody typed and never personal data. */
  detail?: Readonly<Record<string, string | number | boolean | null>>;
}

export type AuditRecord = AuditContext & AuditSubject;

/** An entry as it is read back. */
export interface AuditEntry {
  at: Date;
  action: string;
  actor: { kind: string };
  subjectKind: string;
  subjectId: string;
  runId: string | null;
  requestId: string | null;
  address: string | null;
  outcome: string;
  detail: Record<string, unknown>;
}

export interface AuditFilter {
  action: string | null;
  subjectKind: string | null;
  subjectId: string | null;
  runId: string | null;
}

/** Stands where the id of a credential stands, for the operator at the command line, who has none. */
export const NO_CREDENTIAL = '00000000-0000-0000-0000-000000000000';

/** What is read of a caller. */
export interface AuditedCaller {
  kind: 'key' | 'session' | 'set_up' | 'command_line';
  credentialId: string;
  personId: string | null;
  operator: { personId: string; organisationId: string; supportSessionId: string | null } | null;
  setUp: { linkId: string } | null;
}

/** The part of a caller that the audit log keeps. */
export function actorOf(caller: AuditedCaller): Actor {
  if (caller.kind === 'command_line') return { kind: 'operator' };
  if (caller.setUp !== null) return { kind: 'set_up_link', id: caller.setUp.linkId };
  if (caller.operator !== null && (caller.operator.supportSessionId !== null || caller.personId === null)) {
    const { personId, organisationId, supportSessionId } = caller.operator;
    return { kind: 'operator', personId, organisationId, ...(supportSessionId === null ? {} : { supportSessionId }) };
  }
  if (caller.kind === 'session' && caller.personId !== null)
    return { kind: 'person', id: caller.personId, sessionId: caller.credentialId };
  return { kind: 'key', id: caller.credentialId, personId: caller.personId };
}

/** What a request of this caller records. */
export function contextOf(caller: AuditedCaller & { requestId: string; address: string }): AuditContext {
  return { by: actorOf(caller), requestId: caller.requestId, address: caller.address };
}
