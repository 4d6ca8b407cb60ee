import { oktaKind } from '../../src/connectors/okta/kind.js';
import type { InstallationSettings } from '../../src/connectors/kind.js';
import type { OktaCredentials, OktaScope, PrivateJwk } from '../../src/connectors/okta/settings.js';
import { waitByTimer } from '../../src/connectors/retry.js';
import { makeCompany } from '../simulators/company/make-company.ts';
import { ManualClock } from '../simulators/company/clock.ts';
import { serveOkta, type OktaSimulator } from '../simulators/okta/okta-server.ts';
import type { ExpectedScope } from '../simulators/index.ts';
import type { ConnectOptions, Provider, World, WorldOptions } from './world.js';

export interface OktaWorld extends World {
  readonly okta: OktaSimulator;
  /** By its key and DPoP as the server wants; by the API token otherwise. */
  method: 'key' | 'token';
  credentials(): OktaCredentials;
  connect(
    options?: ConnectOptions & {
      oktaScope?: OktaScope;
      credentials?: OktaCredentials;
      installation?: InstallationSettings;
    },
  ): ReturnType<World['connect']>;
}

export async function makeOktaWorld(options: WorldOptions & { method?: 'key' | 'token' }): Promise<OktaWorld> {
  // Stands, but at the time that it is: the vendor's library signs by the system's clock.
  const clock = new ManualClock(Date.now());
  const company = makeCompany({ people: options.people, seed: options.seed ?? 7, clock });
  const okta = await serveOkta(company);
  const waits: number[] = [];
  const privateJwk = {
    ...okta.credentials.privateJwk,
    kid: okta.credentials.keyId,
    alg: 'RS256',
    use: 'sig',
  } as PrivateJwk;
  const world: OktaWorld = {
    provider: 'okta',
    method: options.method ?? 'token',
    okta,
    company,
    clock,
    server: okta,
    scopes: [
      { provider: 'okta', kind: 'everyone' },
      { provider: 'okta', kind: 'everyone', except: [3, 4] },
      { provider: 'okta', kind: 'application' },
      { provider: 'okta', kind: 'groups', of: ['Design', 'Everyone'] },
      { provider: 'okta', kind: 'groups', of: ['Design', 'Sales'], except: [5] },
    ],
    groupScope: { provider: 'okta', kind: 'groups', of: ['Design'] },
    secrets: [okta.credentials.apiToken, privateJwk.d, privateJwk.p],
    waits,
    id: (n) => okta.ids.person(n),
    credentials: () =>
      world.method === 'token'
        ? { method: 'token', orgUrl: okta.url, token: okta.credentials.apiToken }
        : { method: 'key', orgUrl: okta.url, clientId: okta.credentials.clientId, privateJwk },
    customAttributes: [
      { path: 'profile.workSite', label: 'Work site', type: 'text', multiple: false, custom: true },
      { path: 'profile.badges', label: 'Badges', type: 'text', multiple: true, custom: true },
    ],
    dropCustomAttributes: () => {
      okta.settings.customAttributes = {};
    },
    withdrawAttributes: () => {
      world.method = 'key';
      okta.app.scopes = okta.app.scopes.filter((one) => one !== 'okta.schemas.read');
      return 'okta.schemas.read';
    },
    connect: ({
      scope,
      mapping,
      quotaShare = 50,
      impatient = false,
      realWaits = false,
      oktaScope,
      credentials,
      installation,
    } = {}) =>
      oktaKind.create({
        scope: oktaScope ?? scopeOf(okta, scope),
        mapping: { ...oktaKind.defaultMapping, ...mapping },
        credentials: credentials ?? world.credentials(),
        installation: {
          insecureLoopback: true,
          ...(impatient ? { firstByteMs: 200, pageMs: 300 } : {}),
          ...installation,
        },
        quotaShare,
        clock: { now: () => new Date(clock.now()) },
        random: () => 0.5,
        wait: realWaits
          ? waitByTimer
          : (milliseconds, signal) => {
              signal.throwIfAborted();
              waits.push(milliseconds);
              clock.advance(milliseconds);
              return Promise.resolve();
            },
      }),
    [Symbol.asyncDispose]: () => okta.close(),
  };
  return world;
}

function scopeOf(okta: OktaSimulator, scope: ExpectedScope | undefined): OktaScope {
  // One by id and the next by address, since both are names.
  const excluded = (scope?.except ?? []).map((n, i) =>
    i % 2 === 0 ? okta.ids.person(n) : okta.company.person(n).email.toUpperCase(),
  );
  switch (scope?.kind) {
    case 'application':
      return { kind: 'application', applicationId: okta.ids.application, excluded };
    case 'groups':
      return { kind: 'groups', groupIds: (scope.of ?? []).map((name) => okta.ids.group(name)), excluded };
    default:
      return { kind: 'directory', excluded };
  }
}

export const oktaProvider: Provider = { name: 'okta', threePages: 520, makeWorld: makeOktaWorld };
