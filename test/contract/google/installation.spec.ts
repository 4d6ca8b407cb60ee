import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { googleWorld, never, readAll, type GoogleWorld } from './world.js';

describe('the service account of the installation', () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  function keyless(world: GoogleWorld): Record<string, unknown> {
    process.env['GCE_METADATA_HOST'] = new URL(world.google.url).host;
    const { platformAccount } = world.google.credentials;
    const account = world.google.auth.accounts.get(platformAccount);
    return { serviceAccount: platformAccount, serviceAccountClientId: account?.clientId };
  }

  it('reads without any key: signJwt with a token of the metadata server', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    const connector = await world.connect({ credentials, installation: keyless(world) });
    expect((await readAll(connector)).coverage).toBe('complete');
    expect(world.google.requests.count('sign')).toBe(1);
    expect((await connector.test(never)).filter((check) => check.outcome !== 'passed')).toEqual([]);
  });

  it('tells the operator, and not the customer, when it may not sign', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    const connector = await world.connect({ credentials, installation: keyless(world) });
    world.google.faults.add({ route: 'sign', times: 'forever', do: { kind: 'status', status: 403 } });
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('Service Account Token Creator'),
    });
    expect(world.waits).toEqual([]);
    world.google.faults.clear();
    expect((await readAll(connector)).coverage).toBe('complete');
  });

  it('reads with a key file of the operator', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    const connector = await world.connect({
      credentials,
      installation: { serviceAccountKey: { ...world.google.credentials.keyFile } },
    });
    expect((await readAll(connector)).coverage).toBe('complete');
  });

  it('says so when the installation has none', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    await expect(world.connect({ credentials })).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringContaining('operator'),
    });
    const broken = { serviceAccountKey: '{"private_key":"-----BEGIN SECRET"}' };
    await expect(world.connect({ credentials, installation: broken })).rejects.toMatchObject({
      message: expect.not.stringContaining('SECRET'),
    });
  });

  it('reads without any key: signJwt with a token that a credentials file leads to', async () => {
    await using world = await googleWorld();
    const { platformToken, platformAccount, subject } = world.google.credentials;
    const clientId = world.google.auth.accounts.get(platformAccount)?.clientId;
    const how = {
      credentials: { method: 'installation', subject },
      installation: { serviceAccount: platformAccount, serviceAccountClientId: clientId },
    } as const;
    await using platform = await startTokenExchange(platformToken);
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = platform.file;
    expect((await readAll(await world.connect(how))).coverage).toBe('complete');
    expect(platform.asked.join('')).toContain('token-of-the-platform');
    await writeFile(platform.file, '{}');
    await expect((await world.connect(how)).fetchPage(null, never)).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('the operator checks GOOGLE_APPLICATION_CREDENTIALS'),
    });
  });
});

interface TokenExchange extends AsyncDisposable {
  /** The credentials file that leads here. */
  file: string;
  asked: string[];
}

/** Where a platform's own identity is changed for one at Google, as workload identity federation does it. */
async function startTokenExchange(accessToken: string): Promise<TokenExchange> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => asked.push(chunk.toString()));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      const kind = { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer' };
      response.end(JSON.stringify({ ...kind, access_token: accessToken, expires_in: 3600 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-google-'));
  const file = join(folder, 'credentials.json');
  const content = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    credential_source: { file: join(folder, 'identity') },
  };
  await writeFile(join(folder, 'identity'), 'token-of-the-platform');
  await writeFile(file, JSON.stringify(content));
  return {
    file,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
