import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { googleKind } from './kind.js';
import type { GoogleCredentials } from './credentials.js';

let pem: string;
let file: Record<string, unknown>;

beforeAll(() => {
  pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  file = {
    type: 'service_account',
    project_id: 'acme',
    private_key_id: 'k1',
    private_key: pem,
    client_email: 'sync@acme.iam.gserviceaccount.com',
    client_id: '100000000000000000001',
    token_uri: 'https://attacker.example/token',
  };
});

async function accept(key: unknown, before: GoogleCredentials | null = null): Promise<GoogleCredentials> {
  return await googleKind.acceptCredentials(
    { method: 'key', subject: 'it@acme.example', ...(key === undefined ? {} : { key }) },
    before,
  );
}

describe("the customer's own key", () => {
  it('is taken as an object and as text, and keeps nothing of the file that would decide where we connect', async () => {
    const asObject = await accept(file);
    expect(asObject).toEqual(await accept(JSON.stringify(file)));
    expect(JSON.stringify(asObject)).not.toContain('attacker');
    expect(googleKind.credentials.parse(asObject)).toEqual(asObject);
  });

  it('stays when only the subject changes', async () => {
    const before = await accept(file);
    const after = await googleKind.acceptCredentials({ method: 'key', subject: 'other@acme.example' }, before);
    expect(after).toEqual({ ...before, subject: 'other@acme.example' });
    await expect(accept(undefined, null)).rejects.toThrow(/key file/u);
    await expect(accept(undefined, { method: 'installation', subject: 'it@acme.example' })).rejects.toThrow(
      /key file/u,
    );
  });

  it.each<[string, (good: Record<string, unknown>) => unknown]>([
    ['no JSON', () => '-----BEGIN PRIVATE KEY----- secret'],
    ['an OAuth client', () => ({ installed: {} })],
    ['another type', (good) => ({ ...good, type: 'authorized_user' })],
    ['no client id', (good) => ({ ...good, client_id: 'acme' })],
    ['no address', (good) => ({ ...good, client_email: 7 })],
    ['no key', (good) => ({ ...good, private_key: undefined })],
    ['a key that is cut off', (good) => ({ ...good, private_key: String(good['private_key']).slice(0, 200) })],
    [
      'a small key',
      (good) => ({
        ...good,
        private_key: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      }),
    ],
    [
      'a key of another kind',
      (good) => ({
        ...good,
        private_key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      }),
    ],
  ])('%s is refused, and the refusal quotes nothing of it', async (_words, spoil) => {
    const error: unknown = await accept(spoil(file)).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(Error);
    expect(String((error as Error).message)).not.toMatch(/BEGIN|secret|MII/u);
  });

  it('is never shown', async () => {
    const shown = googleKind.showCredentials(await accept(file));
    expect(shown).toMatchObject({
      method: 'key',
      clientId: '100000000000000000001',
      keyId: 'k1',
      subject: 'it@acme.example',
    });
    expect(JSON.stringify(shown)).not.toMatch(/PRIVATE|MII/u);
  });
});

describe("the installation's service account", () => {
  it("the subject's domain has to be proved first; with a key of one's own nothing has", async () => {
    const shared = await googleKind.acceptCredentials({ method: 'installation', subject: 'IT@Bücher.Example' }, null);
    expect(googleKind.domainsToProve(shared)).toEqual(['xn--bcher-kva.example']);
    expect(googleKind.domainsToProve(await accept(file))).toEqual([]);
  });

  it.each([
    [{ method: 'installation' }],
    [{ method: 'installation', subject: 'nobody' }],
    [{ method: 'installation', subject: 'a@acme.example', key: {} }],
    [{ method: 'other' }],
    [null],
  ])('%j is refused', async (input) => {
    await expect(googleKind.acceptCredentials(input, null)).rejects.toThrow();
  });
});

describe('the steps of the set-up', () => {
  const values = (
    credentials: GoogleCredentials | null,
    installation: Record<string, unknown> = {},
  ): Record<string, string> =>
    Object.assign({}, ...googleKind.setUpSteps({ credentials, installation }).map((step) => step.values)) as Record<
      string,
      string
    >;

  it('give the numeric client id and the exact scopes', async () => {
    expect(values(await accept(file))).toMatchObject({
      'Client ID': '100000000000000000001',
      'OAuth scopes':
        'https://www.googleapis.com/auth/admin.directory.user.readonly,https://www.googleapis.com/auth/admin.directory.group.readonly,' +
        'https://www.googleapis.com/auth/admin.directory.orgunit.readonly,https://www.googleapis.com/auth/admin.directory.domain.readonly,' +
        'https://www.googleapis.com/auth/admin.directory.userschema.readonly',
    });
  });

  it("with the installation's account they need no key, and give its client id", () => {
    const installation = {
      serviceAccount: 'rollcall@host.iam.gserviceaccount.com',
      serviceAccountClientId: '100000000000000000002',
    };
    expect(values(null, installation)['Client ID']).toBe('100000000000000000002');
    expect(values({ method: 'installation', subject: 'a@b.example' }, { serviceAccountKey: file })['Client ID']).toBe(
      '100000000000000000001',
    );
    expect(googleKind.setUpSteps({ credentials: null, installation }).some((step) => step.text.includes('JSON'))).toBe(
      false,
    );
  });

  it('tell what to do where keys are forbidden: policy and role by name', () => {
    const text = googleKind
      .setUpSteps({ credentials: null, installation: {} })
      .map((step) => step.text)
      .join(' ');
    expect(text).toContain('iam.disableServiceAccountKeyCreation');
    expect(text).toContain('Organization Policy Administrator');
  });
});
