import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { entitled } from '../support/entitled.js';
import { bodyOf } from '../support/example.js';
import { fillPath, operationsOf } from '../support/operations.js';
import { startService, type Answer, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'x-frame-options': 'DENY',
};

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

function faultsOf({ headers }: Answer<unknown>): string[] {
  return [
    ...Object.entries(HEADERS).flatMap(([name, value]) => (headers.get(name) === value ? [] : [name])),
    ...['server', 'x-powered-by', 'etag'].filter((name) => headers.has(name)),
    ...((headers.get('content-security-policy') ?? '').includes("default-src 'none'")
      ? []
      : ['content-security-policy']),
    ...((headers.get('permissions-policy') ?? '').includes('camera=()') ? [] : ['permissions-policy']),
  ];
}

describe('X-04 the headers of every answer', () => {
  it('are on all routes, whoever asks and however it ends', async () => {
    const { operations, schemas } = operationsOf(service);
    const as = await entitled(service, service.organisation);
    const stranger = service.browser('');
    const member = await service.session({ admin: false });
    const seen = new Set<number>();
    for (const operation of operations.filter(({ stream }) => !stream)) {
      const path = fillPath(operation.path, () => '01890000-0000-7000-8000-000000000bad');
      const { method } = operation;
      const answers = [
        await stranger(method, path, bodyOf(operation, schemas)),
        await as(operation)(method, path, bodyOf(operation, schemas)),
        await as(operation)(method, path, method === 'GET' ? undefined : '{', {
          headers: { 'content-type': 'application/json' },
        }),
        await as(operation)(method, path, method === 'GET' ? undefined : 'x', {
          headers: { 'content-type': 'text/plain' },
        }),
        await member.api(method, path, bodyOf(operation, schemas)),
      ];
      for (const answer of answers) {
        seen.add(answer.status);
        expect([operation.name, answer.status, faultsOf(answer)]).toEqual([operation.name, answer.status, []]);
      }
    }
    for (const status of [200, 201, 400, 401, 403, 404, 415])
      expect([status, seen.has(status)]).toEqual([status, true]);
  });
});
