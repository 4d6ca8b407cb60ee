import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { importPKCS8, SignJWT } from 'jose';
import type { Listing } from './floor.ts';

export type Provider = 'okta' | 'google';

interface Served {
  url: string;
  tokenUrl: string;
  controlUrl: string;
  people: number;
  credentials: {
    apiToken?: string;
    clientId?: string;
    keyFile?: { client_email: string; private_key: string } & Record<string, unknown>;
    subject?: string;
  };
}

const SERVE = fileURLToPath(new URL('../test/simulators/serve.ts', import.meta.url));

/** A directory of a simulated company, in a process of its own. */
export class BenchDirectory implements AsyncDisposable {
  readonly provider: Provider;
  readonly served: Served;
  private readonly child: ChildProcess;

  private constructor(provider: Provider, served: Served, child: ChildProcess) {
    this.provider = provider;
    this.served = served;
    this.child = child;
  }

  static async start(provider: Provider, people: number): Promise<BenchDirectory> {
    const child = spawn(process.execPath, [SERVE, '--people', String(people), '--provider', provider], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the directory ended with ${code}`)));
    });
    return new BenchDirectory(provider, JSON.parse(line) as Served, child);
  }

  async control(command: { op: string } & Record<string, unknown>): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.served.controlUrl}/control`, { method: 'POST', body: JSON.stringify(command) });
    if (!answer.ok) throw new Error(`the directory answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  }

  /** Requests since the last call. */
  async requests(): Promise<number> {
    return Number((await this.control({ op: 'requests', reset: true }))['total']);
  }

  /** The pages that a full read asks for, beginning with the very request that the connector sent for the first one. */
  async listing(): Promise<Listing> {
    const { urls } = (await this.control({ op: 'listings' })) as { urls: string[] };
    // A look at one person, to see whether the list may be read, is none.
    const url = urls.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
    if (url === undefined) throw new Error('nobody has asked for a list of users yet');
    const okta = this.provider === 'okta';
    const credential = okta ? `SSWS ${this.served.credentials.apiToken ?? ''}` : `Bearer ${await this.googleToken()}`;
    return {
      firstUrl: new URL(url, this.served.url).href,
      headers: { authorization: credential, accept: 'application/json' },
      next: okta ? 'link' : 'token',
    };
  }

  private async googleToken(): Promise<string> {
    const { keyFile, subject } = this.served.credentials;
    if (!keyFile || subject === undefined) throw new Error('the directory gave no service account');
    const assertion = await new SignJWT({ scope: 'https://www.googleapis.com/auth/admin.directory.user.readonly' })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(keyFile.client_email)
      .setSubject(subject)
      .setAudience(this.served.tokenUrl)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(await importPKCS8(keyFile.private_key, 'RS256'));
    const answer = await fetch(this.served.tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
    });
    if (!answer.ok) throw new Error(`no token: ${await answer.text()}`);
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill('SIGTERM');
    });
  }
}

function sizeOf(url: string): number {
  const { searchParams } = new URL(url, 'http://directory');
  return Number(searchParams.get('limit') ?? searchParams.get('maxResults') ?? 0);
}
