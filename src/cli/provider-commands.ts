import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { isId } from '../common/ids.js';
import { IdentityProviders } from '../sso/identity-providers.service.js';
import { IdentityProviderSettings, type IdentityProviderView } from '../sso/identity-providers.types.js';
import {
  acting,
  collect,
  examples,
  inOrganisation,
  lineOf,
  organisationOption,
  type OfOrganisation,
  type Surroundings,
} from './command.js';
import { showSteps } from './connection-view.js';
import { keyValue } from './key-values.js';
import type { Session } from './session.js';
import { minute } from './text.js';

/** Identity providers: what people sign in with. The test sign-in needs a browser and is on the pages. */
export function providerCommands(program: Command, around: Surroundings): void {
  const provider = program.command('provider').description('identity providers that people sign in with');
  adding(provider, around);
  looking(provider, around);
  changing(provider, around);
}

interface AddOptions extends OfOrganisation {
  preset: string;
  name: string;
  id?: string;
  issuer?: string;
  clientId: string;
  clientSecret?: Record<string, unknown>;
  connection?: string;
  domain?: string[];
  setting?: Record<string, unknown>;
}

function adding(provider: Command, around: Surroundings): void {
  provider
    .command('prepare')
    .description('what to do in a provider’s own console, before it is set up here')
    .addOption(organisationOption())
    .requiredOption('--preset <kind>', 'kind of provider; generic is any OpenID Connect issuer')
    .action(
      inOrganisation<{ preset: string }>(around, (session, organisationId, { preset, organisation }) => {
        const { id, items } = session.service(IdentityProviders).presets(organisationId);
        const found = items.find((one) => one.preset === preset);
        if (!found) {
          const known = items.map((one) => one.preset).join(', ');
          throw new RollcallError('identity_provider.setting_invalid', `There is no ${preset}; there are ${known}.`);
        }
        session.output.result({ id, ...found }, () => {
          showSteps(session.output, { items: found.steps });
          session.output.note(`Then: rollcall provider add -o ${organisation} --preset ${preset} --id ${id} …`);
        });
        return Promise.resolve();
      }),
    );

  provider
    .command('add')
    .description('sets an identity provider up; nobody signs in by it before it is tested and enabled')
    .addOption(organisationOption())
    .requiredOption('--preset <kind>', 'kind of provider; generic is any OpenID Connect issuer')
    .requiredOption('--name <name>', 'what people see on the sign-in page', lineOf(100))
    .option('--id <id>', 'as `prepare` gave it, so that the addresses are those that it showed')
    .option('--issuer <url>', 'exactly as the provider writes it')
    .requiredOption('--client-id <id>', 'as the provider gave it', lineOf(500))
    .option('--client-secret <value=…>', 'value=@file, so that it stands in no list of processes', keyValue)
    .option('-c, --connection <name>', 'the connection whose directory signs its people in here')
    .option('--domain <name>', 'repeatable; addresses of these lead here (none: all verified ones)', collect)
    .option('--setting <name=value>', 'repeatable', keyValue)
    .addHelpText(
      'after',
      examples(
        'provider add -o acme --preset generic --name Acme --issuer https://id.acme.example --client-id rollcall --client-secret value=@secret.txt',
      ),
    )
    .action(
      inOrganisation<AddOptions>(around, async (session, organisationId, options) => {
        const { preset, name, id, issuer, clientId, clientSecret, connection, domain, setting } = options;
        const connectionId =
          connection === undefined ? undefined : (await session.connection(organisationId, connection)).id;
        const made = await session.service(IdentityProviders).create(session.caller(organisationId), {
          id: idOf(id),
          preset,
          name,
          clientId,
          issuer,
          connectionId,
          domains: domain,
          clientSecret: secretOf(clientSecret),
          settings: settingsOf(setting),
        });
        session.output.result(made, () => {
          show(session, made);
          session.output.note(`What to do there: rollcall provider steps "${made.name}" -o ${options.organisation}`);
        });
      }),
    );
}

function looking(provider: Command, around: Surroundings): void {
  provider
    .command('list')
    .description('lists identity providers')
    .addOption(organisationOption())
    .action(
      acting<OfOrganisation>(around, async (session, { organisation }) => {
        const { id } = await session.organisation(organisation);
        const { items } = await session.service(IdentityProviders).list(session.caller(id));
        session.output.result({ items }, () =>
          session.output.table(
            ['NAME', 'KIND', 'STATE', 'TESTED (UTC)', 'ISSUER', ''],
            items.map((one) => [
              one.name,
              one.preset,
              one.state,
              minute(one.testedAt),
              one.issuer,
              one.problem?.message ?? '',
            ]),
            'There is no identity provider yet: rollcall provider add …',
          ),
        );
      }),
    );

  one(provider, around, 'show', 'shows an identity provider', (session, _organisationId, view) => {
    session.output.result(view, () => show(session, view));
    return Promise.resolve();
  });

  one(provider, around, 'steps', 'what to do in the provider’s own console', async (session, organisationId, view) => {
    const steps = await session.service(IdentityProviders).steps(organisationId, view.id);
    session.output.result(steps, () => showSteps(session.output, steps));
  });

  one(
    provider,
    around,
    'test-discovery',
    'reads now what the issuer says of itself',
    async (session, organisationId, view) => {
      const said = await session.service(IdentityProviders).discover(organisationId, view.id);
      session.output.result(said, () =>
        session.output.facts({
          Issuer: said.issuer,
          'Sign-in': said.authorizationEndpoint,
          Token: said.tokenEndpoint,
          Keys: said.jwksUri,
          UserInfo: said.userInfoEndpoint,
          'Sign-out': said.endSessionEndpoint,
          Signatures: said.algorithms.join(', '),
        }),
      );
    },
  );
}

function changing(provider: Command, around: Surroundings): void {
  provider
    .command('secret')
    .description('sets the client secret, or has a key pair made')
    .argument('<provider>', 'name or id')
    .addOption(organisationOption())
    .option('--client-secret <value=…>', 'value=@file', keyValue)
    .option('--generate-key', 'we are known by a key of ours; its public half is shown at an address')
    .action(
      inOrganisation<{ clientSecret?: Record<string, unknown>; generateKey?: true }>(
        around,
        async (session, organisationId, { clientSecret, generateKey }, [name = '']) => {
          const { id } = await named(session, organisationId, name);
          const secret = secretOf(clientSecret);
          if ((secret === undefined) === (generateKey === undefined))
            throw new RollcallError('request.invalid', 'Give either --client-secret or --generate-key.');
          const order = secret === undefined ? { generate: 'private_key_jwt' as const } : { clientSecret: secret };
          const view = await session.service(IdentityProviders).setSecret(session.caller(organisationId), id, order);
          session.output.result(view, () => show(session, view));
        },
      ),
    );

  one(provider, around, 'enable', 'people may sign in by it', async (session, organisationId, { id }) => {
    const view = await session.service(IdentityProviders).enable(session.caller(organisationId), id);
    session.output.result(view, () => session.output.line(`People may sign in by ${view.name}.`));
  });

  one(provider, around, 'disable', 'at once; its sessions end', async (session, organisationId, { id }) => {
    const view = await session.service(IdentityProviders).disable(session.caller(organisationId), id);
    session.output.result(view, () => session.output.line(`${view.name} is disabled; its sessions have ended.`));
  });

  one(provider, around, 'delete', 'with its ties; its sessions end', async (session, organisationId, { id, name }) => {
    await session.service(IdentityProviders).delete(session.caller(organisationId), id);
    session.output.result({ id }, () => session.output.line(`${name} is deleted.`));
  });
}

function one(
  provider: Command,
  around: Surroundings,
  name: string,
  description: string,
  run: (session: Session, organisationId: string, view: IdentityProviderView) => Promise<void>,
): void {
  provider
    .command(name)
    .description(description)
    .argument('<provider>', 'name or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, organisationId, _options, [given = '']) =>
        run(session, organisationId, await named(session, organisationId, given)),
      ),
    );
}

/** @throws {RollcallError} `identity_provider.not_found`, naming those that there are. */
async function named(session: Session, organisationId: string, name: string): Promise<IdentityProviderView> {
  const { items } = await session.service(IdentityProviders).list(session.caller(organisationId));
  const found = items.filter((one) => one.id === name || one.name.toLowerCase() === name.toLowerCase());
  if (found.length === 1 && found[0]) return found[0];
  const names = items.map((each) => `"${each.name}"`).join(', ');
  const which = found.length > 1 ? `More than one is called "${name}"` : `There is no identity provider "${name}"`;
  throw new RollcallError(
    'identity_provider.not_found',
    `${which}; ${names === '' ? 'there are none yet.' : `there are: ${names}.`}`,
  );
}

function idOf(given: string | undefined): string | undefined {
  if (given === undefined || isId(given)) return given;
  throw new RollcallError('request.invalid', 'The id is none that `rollcall provider prepare` gives.');
}

function settingsOf(given: Record<string, unknown> = {}): Partial<IdentityProviderSettings> {
  const read = IdentityProviderSettings.partial().safeParse(given);
  if (read.success) return Object.fromEntries(Object.entries(read.data).filter(([, value]) => value !== undefined));
  const names = read.error.issues.flatMap((issue) => ('keys' in issue ? issue.keys : [String(issue.path[0])]));
  throw new RollcallError('request.invalid', `These settings are not fit: ${names.join(', ')}.`);
}

function secretOf(given: Record<string, unknown> | undefined): string | undefined {
  const value = given?.['value'];
  if (given === undefined) return undefined;
  if (Object.keys(given).length !== 1 || (typeof value !== 'string' && typeof value !== 'number'))
    throw new RollcallError('request.invalid', 'Give the secret as value=@file.');
  return String(value);
}

function show(session: Session, view: IdentityProviderView): void {
  session.output.facts({
    Name: view.name,
    Kind: view.preset,
    State: view.state,
    Issuer: view.issuer,
    'Client id': view.clientId,
    'Secret set': minute(view.secretSetAt),
    Tested: minute(view.testedAt),
    'Redirect URI': view.redirectUri,
    Problem: view.problem?.message ?? 'none',
  });
}
