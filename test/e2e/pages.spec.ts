import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import { PAGES, type Pages } from '../../src/common/page.types.js';
import { startService, type TestService } from '../support/service.js';

const PAGES_OF_OURS = [
  '/sign-in',
  '/sign-in/acme',
  '/sign-in/link',
  '/sign-in/first',
  '/sign-in/refused',
  '/signed-out',
  '/set-up',
  '/invitation',
  '/account',
];

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const get = (path: string, headers: Record<string, string> = {}): Promise<globalThis.Response> =>
  fetch(new URL(path, service.url), { redirect: 'manual', headers });

describe('X-03 and X-04 pages', () => {
  it.each(PAGES_OF_OURS)('%s carries every header, and a policy with a nonce of its own', async (path) => {
    const [first, second] = await Promise.all([get(path), get(`${path}?state=x&anything=y`)]);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    const policies = [first, second].map(({ headers }) => headers.get('content-security-policy') ?? '');
    const nonces = policies.map(
      (policy) => /script-src 'nonce-([A-Za-z0-9+/]{22}==)' 'strict-dynamic';/u.exec(policy)?.[1],
    );
    expect(nonces[0]).toBeDefined();
    expect(nonces[0]).not.toBe(nonces[1]);
    for (const policy of policies) {
      expect(policy).toMatch(/^default-src 'none';/u);
      expect(policy).not.toMatch(/unsafe|\*|https?:/u);
      for (const said of ["base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"])
        expect(policy).toContain(said);
    }
    const html = await first.text();
    for (const [, attributes = ''] of html.matchAll(/<script([^>]*)>/gu))
      expect(attributes).toContain(`nonce="${nonces[0]}"`);
    expect(html).not.toContain('__CSP_NONCE__');
    expect(html).toContain('<noscript>');
  });

  it('the root leads to the account', async () => {
    const answer = await get('/?utm=x');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account']);
  });

  it.each([
    '/sign-in/acme/more',
    '/assets/',
    '/assets/..%2findex.html',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/assets/none.js',
  ])('%s is nowhere', async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get('content-security-policy')]).toEqual([
      404,
      expect.stringContaining("default-src 'none'"),
    ]);
  });
});

describe('X-03 reports', () => {
  const post = (type: string, body: string, headers: Record<string, string> = {}): Promise<globalThis.Response> =>
    fetch(new URL('/csp-reports', service.url), {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body,
    });

  it('are taken from browsers, whoever is signed in', async () => {
    const { cookie } = await service.session();
    const report = JSON.stringify({ 'csp-report': { 'effective-directive': 'img-src', 'blocked-uri': 'inline' } });
    expect((await post('application/csp-report', report)).status).toBe(204);
    expect((await post('application/csp-report', report, { cookie: `rollcall-session=${cookie}` })).status).toBe(204);
    expect((await post('application/reports+json', '[]')).status).toBe(204);
  });

  it.each([
    ['text/plain', '{}', 415],
    ['application/csp-report', '{"other":1}', 400],
    ['application/csp-report', '{', 400],
  ])('%s %s is refused', async (type, body, status) => {
    expect((await post(type, body)).status).toBe(status);
  });
});

describe('O-14 a refusal', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    const pages = service.app.get<Pages>(PAGES, { strict: false });
    const express = (await import('express')).default;
    const app = express().get('/', (request, response: Response) =>
      pages.refusal(response, {
        status: 403,
        code: 'unknown',
        sentence: new URL(request.url, 'http://localhost').searchParams.get('sentence') ?? '',
        requestId: 'request-1',
      }),
    );
    server = createServer(app as Parameters<typeof createServer>[1]).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('says its sentence as text, to browsers without scripts too', async () => {
    const sentence = `We do not know "this" account. <img src=x onerror=alert(1)> & '</script><script>alert(1)</script>`;
    const answer = await fetch(`${url}/?sentence=${encodeURIComponent(sentence)}`);
    const html = await answer.text();
    expect(answer.status).toBe(403);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toMatch(/<img|<script>/u);
    const [, data = ''] = /id="page-data"[^>]*>([^<]*)<\/script>/u.exec(html) ?? [];
    expect(JSON.parse(data)).toEqual({ page: 'refused', code: 'unknown', sentence, requestId: 'request-1' });
  });
});
