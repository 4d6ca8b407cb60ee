import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';
import { usableId } from '../text.js';
import { OktaRefusal } from './failures.js';
import type { OktaTransport } from './transport.js';

export const NO_ORGANISATION = 'There is no Okta organisation at this address; it looks like https://acme.okta.com.';

/**
 * The permanent id of the organisation behind the address. Okta tells it to anybody, so no credential goes along.
 *
 * @throws {ConnectorError} `unauthorized` when nobody there knows of it, `bad_response` for an answer that names none.
 */
export async function readOrganisation(
  transport: OktaTransport,
  signal: AbortSignal,
): Promise<{ id: string; date: string | null }> {
  const question = {
    path: '/.well-known/okta-organization',
    bucket: 'meta',
    what: 'the organisation',
    anonymous: true,
  } as const;
  try {
    const reply = await transport.get(question, signal);
    const id = isObject(reply.body) ? usableId(reply.body['id']) : null;
    if (id !== null) return { id, date: reply.date };
  } catch (error) {
    if (!(error instanceof OktaRefusal)) throw error;
    throw new ConnectorError('unauthorized', NO_ORGANISATION);
  }
  throw new ConnectorError('bad_response', NO_ORGANISATION);
}
