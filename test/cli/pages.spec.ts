import { expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCompany, serveGoogle, serveOkta } from '../simulators/index.ts';
import { Console } from './console.js';

/** The commands of a page, in order, without the name of the program. */
function commandsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').replace(/ \\\n\s*/gu, ' ').matchAll(/npm run rollcall -- ([^`\n#]+)/gu)]
    .map(([, command = '']) => command.trim()); // prettier-ignore
}

/** Words as a shell gives them. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

interface Added {
  steps?: { values: Record<string, string> }[];
}

async function followOktaPage(page: string): Promise<void> {
  await using okta = await serveOkta(makeCompany({ people: 20, seed: 2 }));
  await using shell = await Console.open();
  const clientId = '0oaMadeByAnAdmin01';
  if (!commandsOf(page).some((command) => command.startsWith('organisation')))
    await shell.json('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync');
  for (const command of commandsOf(page)) {
    const typed = command.replaceAll('https://acme.okta.com', okta.url).replaceAll('0oa…', clientId);
    const said = await shell.rollcall(...wordsOf(typed), '--json');
    expect([command, said.code, said.err]).toEqual([command, 0, expect.any(String)]);
    if (!command.startsWith('connection add')) continue;
    // What the admin does in Okta's console.
    const values = (JSON.parse(said.out) as Added).steps?.flatMap((step) => Object.entries(step.values)) ?? [];
    const [, jwk = ''] = values.find(([name]) => name === 'Public key (JWK)') ?? [];
    okta.registerApp({ clientId, keys: [JSON.parse(jwk) as Record<string, unknown>] });
  }
  const people = await shell.json<{ items: unknown[] }>('person', 'list', '-o', 'acme');
  expect(people.items.length).toBeGreaterThan(15);
}

it('README.md: the commands, typed one after another, connect a company', () => followOktaPage('README.md'));

it('docs/connect-okta.md: so do these', () => followOktaPage('docs/connect-okta.md'));

it('docs/connect-google.md: so do these, with a key of the customer’s own', async () => {
  const company = makeCompany({ people: 20, seed: 2 });
  await using google = await serveGoogle(company);
  await using shell = await Console.open({
    ROLLCALL_CONNECTORS_GOOGLE_BASE_URL: google.url,
    ROLLCALL_CONNECTORS_GOOGLE_TOKEN_URL: google.tokenUrl,
    ROLLCALL_CONNECTORS_GOOGLE_INSECURE_LOOPBACK: 'true',
  });
  await shell.json('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync');
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-pages-'));
  const file = join(folder, 'key.json');
  writeFileSync(file, JSON.stringify(google.credentials.keyFile));
  const commands = commandsOf('docs/connect-google.md').filter((command) => !command.includes('method=installation'));
  for (const command of commands) {
    const typed = command.replaceAll('@key.json', `@${file}`).replaceAll('sync@acme.example', company.admin.email);
    const said = await shell.rollcall(...wordsOf(typed));
    expect([command, said.code, said.err]).toEqual([command, 0, expect.any(String)]);
  }
  rmSync(folder, { recursive: true });
  const people = await shell.json<{ items: unknown[] }>('person', 'list', '-o', 'acme');
  expect(people.items.length).toBeGreaterThan(15);
});
