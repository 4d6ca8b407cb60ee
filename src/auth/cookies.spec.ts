import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express, { type Request } from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clearCookie, readCookie, setCookie, type PublicSite } from './cookies.js';

const site: PublicSite = { origin: 'https://rollcall.acme.example', secure: true };
const local: PublicSite = { origin: 'http://localhost:3000', secure: false };

describe('X-01 cookies', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    const app = express();
    app.get('/set', (_request, response) => {
      setCookie(response, 'session', 'abc.def', { site });
      setCookie(response, 'attempt-1', 'abc', { maxAgeSeconds: 600, site });
      setCookie(response, 'session', 'abc', { site: local });
      clearCookie(response, 'link', site);
      response.end();
    });
    await new Promise<void>((done) => (server = app.listen(0, '127.0.0.1', () => done())));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  it('go to this host alone, over TLS, out of reach of scripts, and not along with posts of other sites', async () => {
    const set = (await fetch(`${url}/set`)).headers.getSetCookie();
    expect(set.map((cookie) => cookie.replace(/Expires=[^;]+/u, 'Expires=…'))).toEqual([
      '__Host-rollcall-session=abc.def; Path=/; HttpOnly; Secure; SameSite=Lax',
      '__Host-rollcall-attempt-1=abc; Max-Age=600; Path=/; Expires=…; HttpOnly; Secure; SameSite=Lax',
      'rollcall-session=abc; Path=/; HttpOnly; SameSite=Lax',
      '__Host-rollcall-link=; Path=/; Expires=…; HttpOnly; Secure; SameSite=Lax',
    ]);
  });

  it.each([
    [undefined, null],
    ['', null],
    ['__Host-rollcall-session=abc.def', 'abc.def'],
    ['a=b;__Host-rollcall-session=abc ; c=d', 'abc'],
    ['__Host-rollcall-session=', null],
    ['__Host-rollcall-session=a; __Host-rollcall-session=b', null],
    ['rollcall-session=abc', null],
    ['x__Host-rollcall-session=abc', null],
    ['__Host-rollcall-session-2=abc', null],
    [`__Host-rollcall-session=${'a'.repeat(4_097)}`, null],
  ])('of the header %s, it reads %s', (cookie, value) => {
    expect(readCookie({ headers: { cookie } } as Request, 'session', site)).toBe(value);
  });

  it('of an installation without TLS are called otherwise', () => {
    expect(readCookie({ headers: { cookie: 'rollcall-session=abc' } } as Request, 'session', local)).toBe('abc');
  });
});
