import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { openApiDocument } from '../../src/openapi.js';
import { startService, type TestService } from '../support/service.js';

/** Each part of a description by its name, so that a difference is told in a line. */
function parts(document: OpenAPIObject): Map<string, string> {
  const { paths, components, ...rest } = JSON.parse(JSON.stringify(document)) as OpenAPIObject;
  const named: [string, unknown][] = [
    ...Object.entries(paths),
    ...Object.entries(components?.schemas ?? {}),
    ['the rest', rest],
  ];
  return new Map(named.map(([name, part]) => [name, JSON.stringify(part)]));
}

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

describe('the API’s description', () => {
  it('docs/openapi.json is what the routes say (npm run openapi)', () => {
    const kept = parts(
      JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as OpenAPIObject,
    );
    const now = parts(openApiDocument(service.app));
    const stale = [...new Set([...kept.keys(), ...now.keys()])].filter((part) => kept.get(part) !== now.get(part));
    expect(stale).toEqual([]);
  });

  it('can be looked through at /api/docs, with scripts of its own only', async () => {
    const page = await service.api('GET', '/api/docs', undefined, { key: null });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const document = await service.api<{ openapi: string }>('GET', '/api/docs/openapi.json', undefined, { key: null });
    expect(document.body.openapi).toBe('3.1.0');
  });

  it('X-17 is not there where the operator switched it off', async () => {
    await using quiet = await startService({ config: { server: { docs: false } } });
    for (const path of ['/api/docs', '/api/docs/openapi.json', '/api/docs/swagger-ui-bundle.js']) {
      expect((await quiet.api('GET', path)).status).toBe(404);
    }
  });
});
