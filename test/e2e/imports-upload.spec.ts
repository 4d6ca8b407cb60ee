import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from 'nestjs-pino';
import { Leftovers } from '../../src/schedule/leftovers.js';
import { importing, TEXT_CSV } from '../support/imports.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

const MIB = 1_048_576;

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** A request whose body goes out piece by piece. */
function begin(
  of: TestOrganisation,
  headers: Record<string, string | number>,
  path = '/api/v1/imports',
): ClientRequest {
  const sent = request(new URL(path, service.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${of.key}`, ...TEXT_CSV, ...headers },
  });
  // What is cut off half way is what some of these are about.
  sent.on('error', () => undefined);
  return sent;
}

async function answer(sent: ClientRequest): Promise<{ status: number; text: string }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += String(part);
  return { status: response.statusCode ?? 0, text };
}

const chunks = (of: TestOrganisation): Promise<object[]> =>
  importing(service, of).rows('SELECT number FROM import_chunk');

describe('V-08 the size of a file', () => {
  const LIMIT = 100 * MIB;

  it('100 MiB is taken, in pieces, and never whole in memory', async () => {
    const of = await service.newOrganisation();
    const sent = begin(of, { 'content-length': LIMIT });
    const told = answer(sent);
    const piece = Buffer.alloc(MIB, 'a');
    piece.write('email\n');
    const before = process.memoryUsage().rss;
    let most = 0;
    for (let at = 0; at < LIMIT; at += MIB) {
      if (!sent.write(piece)) await once(sent, 'drain');
      most = Math.max(most, process.memoryUsage().rss);
    }
    sent.end();
    expect((await told).status).toBe(201);
    expect(await chunks(of)).toHaveLength(100);
    expect((most - before) / MIB).toBeLessThan(256);
  });

  it('one byte more is refused before a byte of it is read, where its length is said', async () => {
    const of = await service.newOrganisation();
    const sent = begin(of, { 'content-length': LIMIT + 1 });
    sent.flushHeaders();
    const { status, text } = await answer(sent);
    sent.destroy();
    expect([status, text]).toEqual([413, expect.stringContaining('import.too_large')]);
    expect(await importing(service, of).rows('SELECT id FROM import')).toEqual([]);
  });

  it('and where it is not said, with the byte that is too many; nothing of it stays', async () => {
    await using small = await startService({ config: { imports: { bytes: 2 * MIB } } });
    const sent = request(new URL('/api/v1/imports', small.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${small.organisation.key}`, ...TEXT_CSV, 'transfer-encoding': 'chunked' },
    });
    sent.on('error', () => undefined);
    const told = answer(sent);
    sent.write(Buffer.alloc(2 * MIB, 'a'));
    sent.write('a');
    const { status, text } = await told;
    sent.destroy();
    expect([status, text]).toEqual([413, expect.stringContaining('import.too_large')]);
    const left = importing(small);
    expect([await left.rows('SELECT id FROM import'), await left.rows('SELECT number FROM import_chunk')]).toEqual([
      [],
      [],
    ]);
    expect((await left.upload('email\n'.padEnd(2 * MIB, 'x'))).status).toBe(201);
  });
});

describe('V-18 two at once', () => {
  it('the second is told to wait, in another organisation it is not; one that breaks off is in nobody’s way', async () => {
    const [of, other] = [await service.newOrganisation(), await service.newOrganisation()];
    const slow = begin(of, { 'content-length': 3 * MIB });
    slow.write(Buffer.alloc(2 * MIB, 'a'));
    const files = importing(service, of);
    while ((await chunks(of)).length === 0) await new Promise(setImmediate);
    const second = await files.upload('email\nada@acme.example\n');
    expect([second.status, second.text]).toEqual([409, expect.stringContaining('import.under_way')]);
    expect((await importing(service, other).upload('email\nada@acme.example\n')).status).toBe(201);
    slow.destroy();
    while ((await files.rows('SELECT id FROM import')).length > 0) await new Promise(setImmediate);
    const first = await files.upload('email\nada@acme.example\n');
    expect([first.status, first.body.state]).toEqual([201, 'looking']);
    // It is being looked at.
    expect((await files.upload('email\nbo@acme.example\n')).status).toBe(409);
    await files.run();
    expect((await files.upload('email\nbo@acme.example\n')).status).toBe(201);
    await files.run();
  });

  it.each<[string, string, number]>([
    ['before a byte of it came', '/api/v1/imports', 0],
    ['within its first piece', '/api/v1/imports', 1_000],
    ['after pieces of it were kept', '/api/v1/imports', 2 * MIB],
    ['in the body of a framework', '/api/v1/frameworks/import', 1_000],
  ])('whoever breaks off %s is no fault of ours: the log tells of none, and nothing stays', async (_, path, bytes) => {
    const of = await service.newOrganisation();
    const files = importing(service, of);
    const told: unknown[][] = [];
    const quiet = (): void => undefined;
    const loud = (...line: unknown[]): void => void told.push(line);
    service.app.useLogger({ log: quiet, warn: loud, error: loud, fatal: loud });
    try {
      const type = path.endsWith('import') ? { 'content-type': 'application/json' } : {};
      const sent = begin(of, { 'content-length': 3 * MIB, ...type }, path);
      sent.flushHeaders();
      if (bytes > 0) sent.write(Buffer.alloc(bytes, 'a'));
      if (path === '/api/v1/imports')
        while ((await files.rows('SELECT id FROM import')).length === 0) await new Promise(setImmediate);
      if (bytes > MIB) while ((await chunks(of)).length === 0) await new Promise(setImmediate);
      sent.destroy();
      while ((await files.rows('SELECT id FROM import')).length > 0) await new Promise(setImmediate);
      // Whatever there is to tell was told before a whole file has gone through.
      expect((await files.upload('email\nada@acme.example\n')).status).toBe(201);
    } finally {
      service.app.useLogger(service.app.get(Logger));
    }
    expect(told).toEqual([]);
    expect(await chunks(of)).toHaveLength(1);
    await files.run();
  });

  it('many at one moment: one is taken', async () => {
    const of = await service.newOrganisation();
    const all = await Promise.all(
      Array.from({ length: 12 }, () => importing(service, of).upload('email\nada@acme.example\n')),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 11 }, () => 409)]);
    await importing(service, of).run();
  });
});

describe('V-19 the file itself', () => {
  const FILE = 'email,account_active\nada@acme.example,Active\n';

  it('is gone after 24 hours, and what was found of it stays', async () => {
    const of = await service.newOrganisation();
    const files = importing(service, of);
    const shown = await files.look(FILE);
    const leftovers = service.app.get(Leftovers, { strict: false });
    const later = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
    await leftovers.clean(of.id, later(23.9));
    expect(await chunks(of)).toHaveLength(1);
    await leftovers.clean(of.id, later(24.1));
    expect(await chunks(of)).toEqual([]);
    expect(await files.show(shown.id)).toMatchObject({ rows: 1, invitations: { people: 1 } });
    const late = await files.confirm(shown);
    expect([late.status, late.text]).toEqual([409, expect.stringContaining('import.file_lost')]);
    expect((await of.api('PATCH', `/api/v1/imports/${shown.id}`, { createTeams: true })).status).toBe(409);
  });

  it('lost with the database, it is asked for again, and nobody is changed', async () => {
    const files = importing(service, await service.newOrganisation());
    const shown = await files.look(FILE);
    await files.rows('DELETE FROM import_chunk');
    expect((await files.confirm(shown)).status).toBe(202);
    await files.run();
    expect(await files.show(shown.id)).toMatchObject({ state: 'failed', run: { error: { code: 'import.file_lost' } } });
    expect(await files.people()).toEqual([]);
  });

  it('is never served', async () => {
    const of = await service.newOrganisation();
    const { id } = await importing(service, of).look(FILE);
    for (const path of ['', '/file', '/file.csv', '/chunks/0', '.csv'])
      expect((await of.api('GET', `/api/v1/imports/${id}${path}`)).text).not.toContain('email,account_active');
  });
});

describe('a body that is a file', () => {
  it.each([
    ['JSON', { 'content-type': 'application/json' }, 415],
    ['a form', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['packed', { ...TEXT_CSV, 'content-encoding': 'gzip' }, 415],
    ['to be kept for a repetition', { ...TEXT_CSV, 'idempotency-key': 'once' }, 400],
  ])('is refused as %s', async (_how, headers, status) => {
    const of = await service.newOrganisation();
    const said = await of.api('POST', '/api/v1/imports', 'email\n', { headers });
    expect(said.status).toBe(status);
    expect(await importing(service, of).rows('SELECT id FROM import')).toEqual([]);
  });

  it('X-02 is taken from a page of ours by the session, and from no other site', async () => {
    const of = await service.newOrganisation();
    const [person] = await importing(service, of).rows<{ id: string }>(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, is_admin)
       VALUES ($1, gen_random_uuid(), 'active', 'manual', 'root@acme.example', 'root@acme.example', '', true) RETURNING id`,
      [of.id],
    );
    const session = await service.session({ organisationId: of.id, personId: person?.id ?? '' });
    const from = (headers: Record<string, string>) =>
      session.api('POST', '/api/v1/imports', 'email\nada@acme.example\n', { headers: { ...TEXT_CSV, ...headers } });
    expect((await from({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await from({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await from({})).status).toBe(201);
  });
});
