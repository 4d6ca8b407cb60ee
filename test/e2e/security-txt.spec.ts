import { expect, it } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { startService } from '../support/service.js';

const ADDRESS = '/.well-known/security.txt';

it('X-29 tells where to report a fault, for 90 days from now', async () => {
  await using service = await startService({
    clock: new ManualClock('2026-11-22T12:00:00.000Z'),
    config: { server: { securityContact: 'mailto:security@acme.example', publicUrl: 'https://rollcall.acme.example' } },
  });
  const answer = await fetch(new URL(ADDRESS, service.url));
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(await answer.text()).toBe(
    [
      'Contact: mailto:security@acme.example',
      'Expires: 2027-02-20T12:00:00.000Z',
      'Preferred-Languages: en',
      'Canonical: https://rollcall.acme.example/.well-known/security.txt',
      '',
    ].join('\n'),
  );
});

it('X-29 promises nobody an answer where nobody said who gives one', async () => {
  await using service = await startService();
  expect((await fetch(new URL(ADDRESS, service.url))).status).toBe(404);
});
