import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';
import { usableId } from '../text.js';
import { OktaRefusal } from './failures.js';
import type { OktaTransport } from './transport.js';

/** The permanent id of the organisation behind the address. Okta tells it to anybody. */
export async function readOrganisation(
  transport: OktaTransport,
  signal: AbortSignal,
): Promise<{ id: string; date: string | null }> {
  try {
    const reply = await transport.get(
      { path: '/.well-known/okta-organization', bucket: 'meta', what: 'the organisation' },
      signal,
    );
    const id = isObject(reply.body) ? usableId(reply.body['id']) : null;
    if (id !== null) return { id, date: reply.date };
  } catch (error) {
    if (!(error instanceof OktaRefusal)) throw error;
  }
  throw new ConnectorError(
    'unauthorized',
    'There is no Okta organisation at this address; it looks like https://acme.okta.com.',
  );
}
