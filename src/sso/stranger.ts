import type { Request } from 'express';
import type { AuditContext } from '../audit/audit.types.js';
import { clientAddress } from '../auth/client-address.js';
import type { Config } from '../config/config.types.js';

/** What the audit log keeps of a request of which nobody knows yet who sent it. */
export function strangerIn(request: Request & { id?: unknown }, { server }: Pick<Config, 'server'>): AuditContext {
  const forwarded = request.headers['x-forwarded-for'];
  return {
    by: { kind: 'stranger' },
    address: clientAddress(request.socket.remoteAddress, forwarded, server.trustedProxies),
    ...(typeof request.id === 'string' ? { requestId: request.id } : {}),
  };
}
