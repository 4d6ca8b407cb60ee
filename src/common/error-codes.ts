import type { ErrorDescription } from './error-kinds.js';
import { SIGN_IN_CODES } from './sign-in-error-codes.js';

export type { ErrorKind } from './error-kinds.js';

/**
 * Every code that Rollcall answers with. The list is closed, and docs/error-codes.md is made from it
 * (`npm run docs:errors`). A code that was published keeps its meaning.
 */
export const ERROR_CODES = {
  // Requests
  'request.invalid': {
    kind: 'invalid',
    meaning: 'A field is missing, unknown or out of range; `fields` names each one.',
  },
  'request.malformed': { kind: 'invalid', meaning: 'The body is not JSON as RFC 8259 has it, or is cut off.' },
  'request.duplicate_member': { kind: 'invalid', meaning: 'The JSON body names one member twice.' },
  'request.forbidden_member': {
    kind: 'invalid',
    meaning: 'The JSON body has a member of a reserved name, such as `__proto__`.',
  },
  'request.too_deep': { kind: 'invalid', meaning: 'The JSON body is nested deeper than the limit.' },
  'request.too_large': {
    kind: 'too_large',
    meaning: 'The body is larger than the limit, or an array in it is too long.',
  },
  'request.unsupported_media_type': { kind: 'unsupported', meaning: 'Send `application/json` in UTF-8.' },
  'request.unauthenticated': {
    kind: 'unauthenticated',
    meaning: 'Sign in, or send an API key as `Authorization: Bearer …`.',
  },
  'request.forbidden': {
    kind: 'forbidden',
    meaning: 'The credential does not have the permission that this route needs.',
  },
  'request.cross_site': {
    kind: 'forbidden',
    meaning: 'A browser sent this with its cookies from a page that is not of this installation.',
  },
  'request.throttled': {
    kind: 'throttled',
    meaning: 'Too many requests; `Retry-After` says how many seconds to wait.',
  },
  'route.not_found': { kind: 'not_found', meaning: 'There is no such address, or no such thing for this credential.' },
  'request.key_in_url': {
    kind: 'invalid',
    meaning: 'An API key was sent in the address; send it in the Authorization header, and revoke it.',
  },
  'api_key.not_found': { kind: 'not_found', meaning: 'There is no such API key.' },
  'api_key.exceeds_maker': {
    kind: 'forbidden',
    meaning: 'A key can only make keys and set-up links that may do, and from where, what it may itself.',
  },
  'idempotency.other_body': {
    kind: 'unprocessable',
    meaning: 'The Idempotency-Key was used with another body; use a new one.',
  },
  'idempotency.in_flight': {
    kind: 'conflict',
    meaning: 'The first request with this Idempotency-Key is still being worked on; ask again shortly.',
  },
  'idempotency.outcome_unknown': {
    kind: 'conflict',
    meaning: 'The first request with this Idempotency-Key never ended: look whether it was carried out.',
  },
  'idempotency.answer_not_kept': {
    kind: 'conflict',
    meaning: 'The request was carried out, and its answer held a secret that is shown once.',
  },

  // Organisations and their domains
  'organisation.not_found': { kind: 'not_found', meaning: 'There is no such organisation.' },
  'organisation.deleting': {
    kind: 'conflict',
    meaning:
      'The deletion of the organisation was asked for; the operator can stop it until its day, and nothing is written after.',
  },
  'organisation.deletion_unconfirmed': {
    kind: 'invalid',
    meaning: 'Type the short name of the organisation that is to be deleted.',
  },
  'organisation.slug_taken': { kind: 'conflict', meaning: 'Another organisation has this short name.' },
  'sign_in.not_enforceable': {
    kind: 'conflict',
    meaning: 'Enforced now, single sign-on could lock everybody out; the message says what is missing.',
  },
  'set_up_link.not_found': { kind: 'not_found', meaning: 'There is no such set-up link.' },
  'set_up_link.dead': {
    kind: 'forbidden',
    meaning: 'The link was used, revoked, is too old, or never was one; ask who sent it for a new one.',
  },
  'organisation.has_admin': {
    kind: 'conflict',
    meaning: 'Operators name the first admin of an organisation; this one has an admin, who makes others.',
  },
  'operator.not_found': { kind: 'not_found', meaning: 'They are no operator.' },
  'operator.last': { kind: 'conflict', meaning: 'This is the last operator who can sign in; make another one first.' },
  'domain.invalid': { kind: 'invalid', meaning: 'This is not a domain name.' },
  'domain.public': {
    kind: 'invalid',
    meaning: 'Anybody can have an address or a name there, so no organisation can have it as its own.',
  },
  'domain.exists': { kind: 'conflict', meaning: 'The organisation has named this domain before.' },
  'domain.not_available': {
    kind: 'conflict',
    meaning: 'This domain cannot be verified for this organisation; ask the operator.',
  },
  'domain.record_missing': {
    kind: 'unprocessable',
    meaning: 'The DNS does not show the TXT record of the domain; publish it, wait some minutes, check again.',
  },
  'domain.not_found': { kind: 'not_found', meaning: 'There is no such domain.' },

  // Teams, frameworks, positions
  'framework.not_found': { kind: 'not_found', meaning: 'There is no such framework.' },
  'framework.exists': { kind: 'conflict', meaning: 'Another framework has this name; case, marks and spacing aside.' },
  'framework.in_use': {
    kind: 'conflict',
    meaning: 'The framework still has teams or positions; move or delete them first.',
  },
  'team.not_found': { kind: 'not_found', meaning: 'There is no such team.' },
  'team.exists': { kind: 'conflict', meaning: 'Another team has this name; case, marks and spacing aside.' },
  'team.in_use': { kind: 'conflict', meaning: 'Somebody is in the team, archived people included; move them first.' },
  'position.not_found': { kind: 'not_found', meaning: 'There is no such position.' },
  'position.exists': { kind: 'conflict', meaning: 'Another position of the framework has this name.' },
  'position.in_use': {
    kind: 'conflict',
    meaning: 'Somebody holds the position, archived people included; give them another first.',
  },
  'alias.not_found': { kind: 'not_found', meaning: 'There is no such alias.' },
  'alias.exists': { kind: 'conflict', meaning: 'This other name is in use already; delete that alias first.' },
  'title.not_found': { kind: 'not_found', meaning: 'No such title waits in the title inbox.' },
  'name.empty': { kind: 'invalid', meaning: 'The name has no letter or digit to be compared by.' },

  // People
  'person.not_found': { kind: 'not_found', meaning: 'There is no such person.' },
  'person.changed': { kind: 'conflict', meaning: 'Somebody else changed the person meanwhile; read them again.' },
  'person.address_taken': { kind: 'conflict', meaning: 'Somebody else who is not archived has this address.' },
  'person.address_invalid': { kind: 'invalid', meaning: 'This is no e-mail address that can be used.' },
  'person.field_managed': {
    kind: 'conflict',
    meaning: 'A directory keeps this field in step; change it there. `fields` names each one and the connection.',
  },
  'person.last_admin': {
    kind: 'conflict',
    meaning: 'An organisation always keeps an active admin; make somebody else one first.',
  },
  'person.archived': { kind: 'conflict', meaning: 'The person is archived; restore them first.' },
  'person.not_archived': {
    kind: 'conflict',
    meaning: 'The person is not archived, so there is nothing to restore, and nothing to erase.',
  },
  'person.still_in_directory': {
    kind: 'conflict',
    meaning: 'A directory still lists the person, so their data would come back; take them out of its scope first.',
  },
  'person.erased': { kind: 'conflict', meaning: 'The personal data of the person were erased; nothing of it is left.' },
  'person.already_archived': { kind: 'conflict', meaning: 'The person is archived by an admin already.' },
  'person.manager_invalid': {
    kind: 'invalid',
    meaning: 'The manager is not here, is archived, or reports to the person in turn.',
  },
  'person.team_unknown': { kind: 'invalid', meaning: 'The team or the position is not here.' },

  // Connections
  'connection.not_found': { kind: 'not_found', meaning: 'There is no such connection.' },
  'connection.provider_unknown': {
    kind: 'invalid',
    meaning: 'There is no such kind of directory; the list says which there are.',
  },
  'connection.changed': { kind: 'conflict', meaning: 'Somebody else changed the connection meanwhile; read it again.' },
  'connection.mapping_reserved': {
    kind: 'invalid',
    meaning: 'A directory may not decide who is an admin, protected, or in which state; map the attribute elsewhere.',
  },
  'connection.too_many': { kind: 'conflict', meaning: 'The organisation has as many connections as it can have.' },

  // The service itself
  'internal.error': { kind: 'internal', meaning: 'A fault of ours. Give the `requestId` to support.' },
  'service.stopping': { kind: 'unavailable', meaning: 'This instance is shutting down; ask again.' },
  'config.invalid': { kind: 'internal', meaning: 'The configuration has faults; each is listed. Nothing was started.' },
  'start.node_too_old': {
    kind: 'internal',
    meaning: 'The process runs on a version of Node that is too old; start it with npm.',
  },

  // Database
  'database.unavailable': { kind: 'unavailable', meaning: 'The database cannot be reached at the moment; ask again.' },
  'database.commit_unknown': {
    kind: 'unavailable',
    meaning: 'The connection broke while a change was being committed: look whether it happened before asking again.',
  },
  'database.timeout': { kind: 'unavailable', meaning: 'The database took longer than the limit; nothing was changed.' },
  'database.role_unsafe': {
    kind: 'internal',
    meaning: 'The database role bypasses row-level security; the message says how to make one that does not.',
  },
  'database.schema_newer': {
    kind: 'internal',
    meaning: 'The database was migrated by a newer Rollcall; start that version, or a newer one.',
  },
  'database.schema_edited': {
    kind: 'internal',
    meaning: 'A migration differs from the one that was applied; install the release unchanged.',
  },
  'database.schema_failed': {
    kind: 'internal',
    meaning: 'A migration was left half done by another tool; the message names it.',
  },
  'database.schema_older': {
    kind: 'internal',
    meaning: 'The database lacks migrations of this release; start the service once with the right to migrate.',
  },
  'database.folder_lost': {
    kind: 'internal',
    meaning: 'The data folder is gone or empty although data were in it; put it back, or restore a backup.',
  },
  'database.embedded_failed': {
    kind: 'internal',
    meaning: 'The embedded PostgreSQL could not be started; the message has its own words.',
  },
  'database.version_unsupported': { kind: 'internal', meaning: 'PostgreSQL 15 or later is needed.' },

  // Keys and secrets
  'secret_key.missing': {
    kind: 'internal',
    meaning:
      'There are data, but the key that opens their credentials is not there; give it back, it is never made anew.',
  },
  'secret_key.weak': {
    kind: 'internal',
    meaning: 'The secret key is not 32 random bytes in base64, or is a published example.',
  },
  'secret_key.unknown': {
    kind: 'internal',
    meaning: 'A secret was sealed under another secret key; give that key as a previous one.',
  },
  'secret.unreadable': {
    kind: 'internal',
    meaning: 'A stored secret cannot be opened: it was changed, or moved from another row.',
  },

  // Backup
  'backup.invalid': { kind: 'invalid', meaning: 'The file is not a whole, unchanged backup; nothing was restored.' },
  'backup.exists': { kind: 'conflict', meaning: 'There is a file of that name already; a backup never replaces one.' },
  'backup.schema_differs': {
    kind: 'conflict',
    meaning:
      'The backup was made by a release with another schema; restore it with that release, then start the newer one.',
  },
  'backup.not_empty': {
    kind: 'conflict',
    meaning: 'The database that would be restored into has data; restore into an empty one.',
  },

  // Runs and what they ask
  'run.not_found': { kind: 'not_found', meaning: 'There is no such run, or it is not kept any more.' },
  'run.not_ready': { kind: 'conflict', meaning: 'Only a preview that is ready can be confirmed; ask for a new one.' },
  'run.outdated': {
    kind: 'conflict',
    meaning: 'The settings changed since the preview, or a newer one was made; ask for a new preview and look at that.',
  },
  'run.other_waiting': {
    kind: 'conflict',
    meaning: 'Another kind of run, or a plan that was confirmed, waits already; ask again once it has begun.',
  },
  'run.over': { kind: 'conflict', meaning: 'The run is over; there is nothing to cancel.' },
  'run.stopped': { kind: 'conflict', meaning: 'Syncs are stopped; the run waits until they are resumed.' },
  'run.nothing_to_undo': { kind: 'conflict', meaning: 'The run changed nobody, is not over, or is not kept any more.' },
  'run.connection_deleted': {
    kind: 'conflict',
    meaning:
      'The connection of the run was deleted, so the run cannot be undone as a whole; restore its people in bulk.',
  },
  'hold.not_found': { kind: 'not_found', meaning: 'There is no such hold, or it is closed.' },
  'hold.changed': {
    kind: 'conflict',
    meaning: 'People were added to the hold since; look at it again and name its present version.',
  },
  'conflict.not_found': { kind: 'not_found', meaning: 'There is no such conflict.' },
  'conflict.resolved': { kind: 'conflict', meaning: 'The conflict was resolved already.' },
  'conflict.resolution_unfit': {
    kind: 'unprocessable',
    meaning: 'This kind of conflict cannot be resolved in this way; the message says how it can.',
  },
  'override.not_found': { kind: 'not_found', meaning: 'There is no such override, or it was released.' },
  ...SIGN_IN_CODES,
} as const satisfies Record<string, ErrorDescription>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** The text of docs/error-codes.md. */
export function renderErrorCodes(): string {
  const lines = Object.entries(ERROR_CODES)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { kind, meaning }]) => `| \`${code}\` | ${kind.replaceAll('_', ' ')} | ${meaning} |`);
  return [
    '# Error codes',
    '',
    'Each problem (RFC 9457) of the API and each failure of the command line carries one of these as `code`.',
    'Codes are stable; sentences are not. Made from `src/common/error-codes.ts` by `npm run docs:errors`.',
    '',
    '| code | kind | meaning |',
    '| --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
