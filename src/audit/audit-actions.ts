/**
 * Every action that the audit log knows. The list is closed, docs/audit-actions.md is made from it, and a name that was
 * published keeps its meaning.
 */
export const AUDIT_ACTIONS = {
  // People
  'person.added': 'A person came to be, by any of the ways in.',
  'person.linked': 'A person who was here already was tied to a record of a directory.',
  'person.relinked': 'A person was tied to another record of a directory, because the old one is gone.',
  'person.updated': 'Fields of a person changed.',
  'person.archived': 'A person was archived; their API keys, sessions and links ended in the same transaction.',
  'person.restored': 'An archived person was brought back.',
  // Teams, frameworks, positions
  'framework.created': 'A framework was made.',
  'framework.updated': 'A framework was renamed.',
  'framework.deleted': 'A framework was deleted.',
  'team.created': 'A team was made, by an admin or by a sync that may make missing teams.',
  'team.updated': 'A team was renamed, or given another framework.',
  'team.deleted': 'A team was deleted.',
  'position.created': 'A position was made.',
  'position.updated': 'A position was renamed or moved in the order of its framework.',
  'position.deleted': 'A position was deleted.',
  'alias.created': 'Another name for a team or a position was made.',
  'alias.deleted': 'Another name for a team or a position was deleted.',
  // Organisations and their settings
  'organisation.created': 'An organisation was made.',
  'organisation.updated': 'Settings of an organisation changed.',
  'organisation.stopped': 'All syncs of an organisation were stopped.',
  'organisation.resumed': 'The syncs of an organisation may run again.',
  'domain.added': 'A domain was named; it is not verified yet.',
  'domain.verified': 'A domain was verified.',
  'domain.failing': 'The DNS does not show the record of a verified domain any more.',
  'domain.lapsed': 'The record of a domain was missing for a week, so the domain is not verified any more.',
  'domain.removed': 'A domain was removed.',
  // Operators and set-up
  'organisation.feature_switched': 'The operator switched a feature on or off for the organisation.',
  'organisation.deletion_asked': 'The deletion of the organisation was asked for; it is closed since then.',
  'organisation.deletion_stopped': 'The deletion of the organisation was taken back.',
  'organisation.sign_in_settings': 'Single sign-on was enforced, or is not enforced any more.',
  'break_glass.set': 'Somebody may sign in otherwise while single sign-on is enforced.',
  'break_glass.ended': 'Somebody is no exception from enforced single sign-on any more.',
  'organisation.deleted':
    'An organisation was deleted, seven days after it was asked for; in the installation’s own log.',
  'operator.made': 'Somebody of the installation’s own organisation was made an operator.',
  'operator.ended': 'Somebody is no operator any more; their sessions ended.',
  'support.begun': 'An operator came into the organisation by a support session.',
  'support.ended': 'A support session was ended before its time.',
  'set_up_link.made': 'A set-up link was made.',
  'set_up_link.used': 'A set-up link was opened, and is used up.',
  'set_up_link.refused': 'A set-up link was opened that does not work any more; `because` says why.',
  'set_up_link.revoked': 'A set-up link was revoked.',
  // Credentials
  'api_key.created': 'An API key was made.',
  'api_key.revoked': 'An API key was revoked.',
  'api_key.refused': 'A request was refused although its API key is known: expired, revoked, or from another network.',
  // Sessions
  'session.ended': 'Sessions of a person were ended, by themselves or by an admin.',
  'session.signed_out': 'Somebody signed out.',
  // Connections
  'connection.created': 'A connection was made.',
  'connection.updated': 'Settings of a connection changed.',
  'connection.credentials_set': 'Credentials of a connection were set or renewed.',
  'connection.tested': 'A connection was tested.',
  'connection.attributes_listed': 'The attributes of a directory were asked for.',
  'connection.paused': 'A connection was paused.',
  'connection.resumed': 'A paused connection may run again.',
  'connection.stopped': 'The stop switch of a connection was thrown.',
  'connection.attention': 'A connection came to need attention.',
  'connection.healed': 'A connection needs no more attention.',
  'connection.deleted': 'A connection was deleted.',
  // Runs and what they ask
  'run.asked': 'Somebody asked for a run.',
  'run.confirmed': 'A preview was confirmed.',
  'run.cancelled': 'A run was cancelled.',
  'run.undone': 'The undo of a run was asked for.',
  'run.downloaded': 'The changes of a run were downloaded.',
  'hold.opened': 'Removals crossed a limit and wait for an admin.',
  'hold.approved': 'Held removals were approved.',
  'hold.rejected': 'Held removals were rejected.',
  'override.made': 'A change was ruled out for a person.',
  'override.released': 'A change is no longer ruled out for a person.',
  'conflict.resolved': 'A conflict was resolved.',
  // Identity providers
  'identity_provider.created': 'An identity provider was set up.',
  'identity_provider.updated': 'Settings of an identity provider changed.',
  'identity_provider.secret_set': 'The client secret of an identity provider was set or renewed.',
  'identity_provider.test_begun': 'A test sign-in at an identity provider was begun.',
  'identity_provider.tested': 'A test sign-in at an identity provider passed.',
  'identity_provider.enabled': 'People may sign in at an identity provider.',
  'identity_provider.disabled': 'An identity provider was disabled; sign-ins under way and its sessions ended.',
  'identity_provider.deleted': 'An identity provider was deleted with its links; its sessions ended.',
  'sign_in.succeeded': 'Somebody signed in.',
  'sign_in.refused': 'Somebody showed who they are and was not let in; `because` says why.',
  'sign_in.stepped_up': 'Somebody who was signed in showed again who they are.',
  'identity.linked': 'An account at an identity provider was tied to a person.',
  'identity.unlinked': 'An account at an identity provider is tied to a person no more; the sessions by it ended.',
  'identity.conflict': 'An account at an identity provider is not tied, for the person has another one there.',
  'session.logged_out_by_provider': 'An identity provider ended the sessions of an account, or one of them.',
  'sign_in.failed': 'A sign-in at an identity provider did not pass a check; `because` says which.',
  // Links and passkeys
  'sign_in.link_requested': 'A link to sign in was asked for, and mail about it went out to the person.',
  'sign_in.link_made': 'A link to sign in was made at the command line.',
  'passkey.added': 'A person added a passkey; their other sessions ended.',
  'passkey.removed': 'A passkey of a person was removed; their other sessions ended.',
  'passkey.renamed': 'A person gave one of their passkeys another name.',
  'passkey.refused': 'A passkey that is known did not pass a check; `because` says which.',
  // Invitations
  'invitation.created': 'Somebody was invited; nothing was sent by that alone.',
  'invitation.queued': 'An invitation that was left for later waits for its turn to be sent.',
  'invitation.sent': 'The mail of an invitation was made, with a new link; an older link is dead.',
  'invitation.link_shown': 'A new link of an invitation was made and shown to who asked; an older link is dead.',
  'invitation.opened': 'The link of an invitation was opened for the first time.',
  'invitation.accepted': 'Somebody accepted their invitation.',
  'invitation.revoked': 'An invitation was revoked; its link is dead.',
  'invitation.declined': 'Somebody declined their invitation; its link is dead.',
  'invitation.closed': 'An invitation ended otherwise; `because` says why, and its link is dead.',
  'invitations.stopped': 'The sending of invitations that wait was stopped.',
  'invitations.resumed': 'The sending of invitations goes on.',
  // Files of people
  'import.uploaded': 'A file of people was uploaded; it is shown first, and changes nobody.',
  'import.confirmed': 'What a file of people would do was confirmed; it is applied since then.',
  'import.discarded': 'A file of people was discarded.',
  'import.downloaded': 'What became of each row of a file of people, or would, was downloaded; `rows` says how many.',
  'people.exported': 'The list of people was exported.',
  'framework.imported': 'A framework was made from a file, or added to.',
  // The log itself, and what is kept about people
  'audit.exported': 'The audit log was exported.',
  'person.exported': 'All that is kept about a person was exported.',
  'person.erased': 'The personal data of an archived person were erased.',
  // Mail
  'mail_settings.updated': 'How mails of the organisation look was changed.',
  'mail.kept_shown': 'The text of a mail that waits was shown to an operator.',
  'mail.sent_again': 'A mail that was not sent is tried again.',
} as const;

/** The text of docs/audit-actions.md. */
export function renderAuditActions(): string {
  const lines = Object.entries(AUDIT_ACTIONS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([action, meaning]) => `| \`${action}\` | ${meaning} |`);
  return [
    '# Audit actions',
    '',
    'Each entry of the audit log carries one of these as `action`. An entry names who, when, what it is about, the fields',
    'that changed and the outcome; it holds names of fields, never their values. Made from `src/audit/audit-actions.ts`;',
    'a test compares the two.',
    '',
    '| action | meaning |',
    '| --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
