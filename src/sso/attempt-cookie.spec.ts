import { describe, expect, it } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { newId } from '../common/ids.js';
import { loadConfig } from '../config/load-config.js';
import { setAttemptCookie } from './attempt-cookie.js';

const config = loadConfig({ ROLLCALL_ENV: 'test', ROLLCALL_SERVER_PUBLIC_URL: 'https://rollcall.example' });

/** What a browser with these cookies is sent when another attempt begins. */
async function begun(cookies: string[]): Promise<{ id: string; sent: string[] }> {
  const id = newId();
  const app = express();
  app.get('/', (asked, response) => {
    setAttemptCookie(asked, response, { name: `attempt-${id}`, value: 'secret' }, config);
    response.end();
  });
  const answer = await request(app).get('/').set('cookie', cookies.join('; '));
  return { id, sent: answer.headers['set-cookie'] as unknown as string[] };
}

describe('the cookie of an attempt', () => {
  it('O-09: is of this host alone, for as long as the attempt lasts', async () => {
    const { id, sent } = await begun([]);
    expect(sent).toEqual([expect.stringMatching(new RegExp(`^__Host-rollcall-attempt-${id}=secret; `, 'u'))]);
    expect(sent[0]).toMatch(/Max-Age=600; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/u);
  });

  it('LOGIN_TX_TTL: a ninth attempt of one browser ends the oldest', async () => {
    const ids = Array.from({ length: 8 }, () => newId());
    const cookies = [...ids].reverse().map((id) => `__Host-rollcall-attempt-${id}=x`);
    const { sent } = await begun(['theme=dark', ...cookies, '__Host-rollcall-attempt-nonsense=x']);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatch(new RegExp(`^__Host-rollcall-attempt-${ids[0]}=; .*Expires=Thu, 01 Jan 1970`, 'u'));
    expect((await begun(cookies.slice(0, 7))).sent).toHaveLength(1);
  });
});
