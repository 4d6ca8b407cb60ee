import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { control } from './control.ts';
import { start, stop } from './http/listen.ts';
import { makeCompany, serveGoogle, serveOkta, type GoogleSimulator, type OktaSimulator } from './index.ts';

const HELP = `node test/simulators/serve.ts [options]

Serves a company as Okta or Google Workspace does, in a process of its own, until it is told to end.
Prints one line of JSON: { url, tokenUrl, controlUrl, provider, people, credentials, ids }.

  --people N       how many (default 1000)
  --provider P     okta (default) or google
  --latency MS     what every answer waits (default 0)
  --seed N         the company (default 1)
  --port N         0, the default, takes a free one
  --control-port N the same, for POST /control
  --warm PATH      make the text of that list before the first request: '/api/v1/users?limit=200'

Spawned with an IPC channel, it ends when its parent does.
POST /control takes JSON { "op": … }; GET /control lists the operations.`;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '1000' },
    provider: { type: 'string', default: 'okta' },
    latency: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    warm: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else if (values.provider !== 'okta' && values.provider !== 'google') {
  console.error(`--provider is okta or google, not ${values.provider}`);
  process.exitCode = 2;
} else {
  await serve(values.provider);
}

async function serve(provider: 'okta' | 'google'): Promise<void> {
  const company = makeCompany({ people: Number(values.people), seed: Number(values.seed) });
  const options = { latency: Number(values.latency), port: Number(values.port) };
  const simulator: OktaSimulator | GoogleSimulator =
    provider === 'okta'
      ? await serveOkta(company, { ...options, concurrencyLimit: 10_000 })
      : await serveGoogle(company, options);
  if (values.warm !== undefined) simulator.warm(values.warm);
  const server = createServer((message, response) => {
    void answer(message, response).catch((error: unknown) => reply(response, 400, { error: String(error) }));
  });
  const controlUrl = await start(server, Number(values['control-port']));

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const command = text === '' ? { op: 'help' } : (JSON.parse(text) as { op: string });
    reply(response, 200, control(simulator, provider, command));
    if (command.op === 'close') await end();
  }

  async function end(): Promise<void> {
    await Promise.all([simulator.close(), stop(server)]);
  }

  // Started with an IPC channel, it ends with whoever started it.
  process.once('disconnect', () => void end());
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
  const { url, tokenUrl, credentials, ids } = simulator;
  const names = { application: 'application' in ids ? ids.application : null, subject: company.admin.email };
  const line = { url, tokenUrl, controlUrl, provider, people: company.people.length, credentials, ids: names };
  console.log(JSON.stringify(line));
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
