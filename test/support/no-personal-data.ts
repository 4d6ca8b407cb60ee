/**
 * Columns of text, bytes and JSON that hold no personal data of somebody who is kept in step, each looked at by a person.
 * Whoever adds a column puts it here, or into the list of `people/personal-data.repository.ts`.
 */
export const NO_PERSONAL_DATA: Record<string, { columns: string[]; because: string }> = {
  _prisma_migrations: { columns: ['checksum', 'id', 'logs', 'migration_name'], because: 'the schema' },
  alias: { columns: ['folded', 'kind', 'name'], because: 'names of teams and positions' },
  api_key: {
    columns: ['created_by', 'digest', 'lookup', 'name', 'networks', 'scopes'],
    because: 'ids, digests, and what an admin called the key',
  },
  audit_entry: {
    columns: ['action', 'actor', 'address', 'detail', 'outcome', 'request_id', 'subject_id', 'subject_kind'],
    because: 'ids, codes and the address of a request: the log is never changed, G-06 keeps its pseudonyms',
  },
  audit_link: { columns: ['hash'], because: 'hashes over the log' },
  break_glass: { columns: ['made_by'], because: 'ids' },
  conflict: {
    columns: ['cause', 'external_id', 'kind', 'other_external_id', 'resolution', 'resolved_by'],
    because: 'codes and ids of a directory',
  },
  connection: {
    columns: [
      ...['attention', 'credentials', 'credentials_shown', 'cursor', 'fingerprint', 'name', 'provider', 'settings'],
      ...['state', 'stop_reason', 'tenant'],
    ],
    because: 'what admins set, and the account that reads the directory',
  },
  data_key: { columns: ['secret_key_id', 'wrapped'], because: 'keys' },
  directory_record: {
    columns: ['external_id', 'gone_because', 'out_of_scope_because'],
    because: 'the id of a directory, closed words, and names of groups and units',
  },
  domain: { columns: ['name', 'reason', 'token', 'verified_by'], because: 'domains, and why an operator verified one' },
  erasure: { columns: ['because', 'by', 'counts'], because: 'ids and counts: the fact of the erasure itself' },
  event: { columns: ['payload', 'type'], because: 'values in it are erased by erase_events, looked at below' },
  framework: { columns: ['folded', 'name'], because: 'names of frameworks' },
  hold: {
    columns: ['cause', 'shared', 'state'],
    because: 'counts and what held people share; addresses in it are erased as mentions',
  },
  hold_member: { columns: ['decided_by', 'external_id', 'kind', 'state'], because: 'ids and closed words' },
  idempotency_key: {
    columns: ['body_digest', 'key', 'route'],
    because: 'digests and what a client chose; gone in two days',
  },
  identity_link: { columns: ['linked_by'], because: 'closed words' },
  identity_provider: {
    columns: [
      ...['client_id', 'discovery', 'domains', 'issuer', 'name', 'preset', 'problem', 'secret', 'settings', 'state'],
    ],
    because: 'what admins set, and what a provider publishes',
  },
  import: {
    columns: ['digest', 'found', 'name', 'options', 'state', 'uploaded_by'],
    because: 'names of a file and of its columns, choices, counts and ids: what its rows say stands in planned changes',
  },
  import_chunk: { columns: ['bytes'], because: 'a whole file, in no backup, gone within a day' },
  invitation: { columns: ['accepted_by', 'closed_because', 'invited_by', 'language'], because: 'ids and closed words' },
  invited_address: { columns: ['digest'], because: 'a number under a key, of two days' },
  mail_settings: {
    columns: ['language', 'logo', 'logo_type', 'reply_to'],
    because: 'how an organisation writes, and where it wants its answers',
  },
  installation: { columns: ['stop_reason'], because: 'why an operator stopped all syncs' },
  instance: { columns: ['host', 'version'], because: 'machines' },
  link_request: {
    columns: ['address', 'browser_digest', 'email_canonical', 'return_to'],
    because: 'of no organisation; worked on in seconds, and gone within two hours by the recurring clean-up',
  },
  logout_token_seen: { columns: ['jti'], because: 'digests, gone in minutes' },
  mail: { columns: ['problem', 'state', 'template'], because: 'closed words' },
  notice: { columns: ['cause', 'kind'], because: 'codes and ids' },
  operator: { columns: ['made_by'], because: 'ids' },
  organisation: { columns: ['name', 'slug', 'stop_reason'], because: 'names of organisations' },
  override: {
    columns: ['cause', 'external_id', 'kind', 'made_by', 'released_by'],
    because: 'codes and ids of a directory',
  },
  passkey_challenge: { columns: ['browser_digest', 'challenge', 'purpose'], because: 'random bytes, gone in an hour' },
  person: { columns: ['archive_reasons', 'origin', 'state', 'archived_from'], because: 'closed words' },
  planned_change: {
    columns: ['disposition', 'external_id', 'kind', 'result', 'ring', 'situation'],
    because: 'codes and ids of a directory',
  },
  position: { columns: ['folded', 'name'], because: 'names of positions' },
  run: {
    columns: [
      ...['asked_by', 'counts', 'coverage', 'error_code', 'error_message', 'kind', 'next_cursor', 'phase', 'plan_hash'],
      ...['progress', 'settings', 'state', 'subjects', 'trigger'],
    ],
    because: 'counts, codes, ids of a directory, and sentences that name nobody',
  },
  session: { columns: ['ended_because', 'kind', 'strength'], because: 'closed words' },
  set_up_link: {
    columns: ['digest', 'kinds', 'made_by', 'note', 'revoked_by', 'used_from'],
    because: 'for whom somebody made a link who has no account, and from where it was used',
  },
  sign_in_attempt: {
    columns: ['client_id', 'issuer', 'purpose', 'redirect_uri', 'return_to'],
    because: 'of a provider; gone in a day',
  },
  sign_in_token: { columns: ['kind', 'made_by'], because: 'closed words and ids' },
  staged_evidence: { columns: ['because', 'external_id', 'verdict'], because: 'ids of a directory and closed words' },
  staged_page: { columns: ['external_ids', 'hashes', 'next_cursor'], because: 'ids of a directory' },
  staged_record: {
    columns: ['external_id', 'out_of_scope_because', 'source'],
    because: 'the id of a directory, closed words, and names of groups and units',
  },
  support_session: {
    columns: ['ended_by', 'operator_name', 'reason'],
    because: 'who of the installation visited and why: what the visited organisation was told, and keeps',
  },
  team: { columns: ['folded', 'name', 'origin'], because: 'names of teams' },
};
