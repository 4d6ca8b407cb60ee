import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../common/clock.js';
import type { JsonObject } from '../json.js';
import { type SdkOAuth, TokenGuard } from './tokens.js';

/** The library's OAuth client, as far as the guard touches it; answers in order. */
function library(...answers: unknown[]) {
  const clock = new ManualClock('2026-03-01T12:00:00Z');
  let asked = 0;
  const oauth: SdkOAuth = {
    accessToken: null,
    isDPoP: false,
    getAccessToken: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      await Promise.resolve();
      // As the library does: whatever came is the token.
      oauth.accessToken = answer as JsonObject;
      return oauth.accessToken;
    },
    clearCachedAccessToken: () => {
      oauth.accessToken = null;
    },
  };
  const client = { scopes: ['okta.logs.read', 'okta.users.read'] };
  return { guard: new TokenGuard(oauth, client, clock), oauth, client, clock, asked: () => asked };
}

const token = (name: string) => ({ access_token: name, expires_in: 3_600, scope: 'okta.users.read okta.logs.read' });

describe('TokenGuard', () => {
  it('F-70 has a new token a minute before the old one ends', async () => {
    const { oauth, clock, asked } = library(token('one'), token('two'));
    expect(await oauth.getAccessToken()).toMatchObject({ access_token: 'one' });
    clock.advance(3_539_000);
    expect(await oauth.getAccessToken()).toMatchObject({ access_token: 'one' });
    clock.advance(1_000);
    expect(await oauth.getAccessToken()).toMatchObject({ access_token: 'two' });
    expect(asked()).toBe(2);
  });

  it('asks once for all who ask at the same time', async () => {
    const { oauth, asked, guard } = library(token('one'));
    await Promise.all([oauth.getAccessToken(), oauth.getAccessToken(), oauth.getAccessToken()]);
    expect(asked()).toBe(1);
    expect(guard.granted).toEqual(['okta.logs.read', 'okta.users.read']);
  });

  it('keeps no refusal in place of a token', async () => {
    const { oauth } = library({ error: 'invalid_client' }, token('one'));
    await expect(oauth.getAccessToken()).rejects.toMatchObject({ failure: 'unauthorized' });
    expect(oauth.accessToken).toBeNull();
    expect(await oauth.getAccessToken()).toMatchObject({ access_token: 'one' });
  });

  it.each([[null], ['<html>'], [{}], [{ access_token: '' }], [{ access_token: 7 }]])(
    'takes %p for neither token nor refusal',
    async (answer) => {
      const { oauth } = library(answer);
      await expect(oauth.getAccessToken()).rejects.toMatchObject({ failure: 'bad_response' });
      expect(oauth.accessToken).toBeNull();
    },
  );

  it('finds the missing scopes one by one, and asks for all of them again afterwards', async () => {
    const { guard, client, oauth } = library({ error: 'invalid_scope' }, token('one'));
    expect(await guard.ungranted()).toEqual(['okta.logs.read']);
    expect(client.scopes).toEqual(['okta.logs.read', 'okta.users.read']);
    expect(oauth.accessToken).toBeNull();
  });
});
