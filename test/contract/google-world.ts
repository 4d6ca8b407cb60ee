import { waitByTimer } from '../../src/connectors/retry.js';
import type { GoogleScope } from '../../src/connectors/google/settings.js';
import type { ExpectedScope, GoogleSimulator } from '../simulators/index.ts';
import { googleWorld } from './google/world.js';
import type { Provider, World, WorldOptions } from './world.js';

/** Google Workspace, for the suite that every connector passes. */
export async function makeGoogleWorld(options: WorldOptions): Promise<World> {
  const world = await googleWorld({ people: options.people, seed: options.seed ?? 7 });
  const { google, company, clock, waits } = world;
  return {
    provider: 'google',
    company,
    clock,
    waits,
    server: google,
    scopes: GOOGLE_SCOPES_OF_THE_SUITE,
    groupScope: { provider: 'google', kind: 'groups', of: ['Design'] },
    secrets: [google.credentials.keyFile.private_key.split('\n')[1] ?? '', 'ya29.', 'assertion='],
    id: (n) => google.ids.person(n),
    customAttributes: [
      { path: 'customSchemas.Work.Site', label: 'Work: Work site', type: 'text', multiple: false, custom: true },
      {
        path: 'customSchemas.Work.Remote',
        label: 'Work: Works remotely',
        type: 'boolean',
        multiple: false,
        custom: true,
      },
      {
        path: 'customSchemas.Safety.Badges',
        label: 'Safety roles: Badges',
        type: 'text',
        multiple: true,
        custom: true,
      },
    ],
    dropCustomAttributes: () => {
      google.settings.customSchemas = [];
    },
    withdrawAttributes: () => {
      google.account.delegated = google.account.delegated.filter((one) => !one.endsWith('userschema.readonly'));
      return 'admin.directory.userschema.readonly';
    },
    connect: ({ scope, mapping = {}, quotaShare = 50, impatient = false, realWaits = false } = {}) =>
      world.connect({
        scope: scopeOf(google, scope),
        mapping,
        quotaShare,
        installation: impatient ? { firstByteMs: 200, pageMs: 300 } : {},
        ...(realWaits ? { wait: waitByTimer } : {}),
      }),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

export const GOOGLE_SCOPES_OF_THE_SUITE: readonly ExpectedScope[] = [
  { provider: 'google', kind: 'everyone' },
  { provider: 'google', kind: 'everyone', except: [3, 4] },
  { provider: 'google', kind: 'units', of: ['/Employees/Sales', '/Employees/Design'] },
  { provider: 'google', kind: 'groups', of: ['Design'] },
  { provider: 'google', kind: 'groups', of: ['Design', 'Sales'], except: [5] },
];

function scopeOf(google: GoogleSimulator, scope: ExpectedScope | undefined): GoogleScope {
  // One by id and the next by address, since both are names.
  const excluded = (scope?.except ?? []).map((n, i) =>
    i % 2 === 0 ? google.ids.person(n) : google.company.person(n).email.toUpperCase(),
  );
  const names = scope?.of ?? [];
  if (scope?.kind === 'groups')
    return { kind: 'groups', groups: names.map((name) => google.ids.group(name)), excluded };
  if (scope?.kind === 'units') return { kind: 'units', units: names.map((path) => google.ids.unit(path)), excluded };
  return { kind: 'directory', excluded };
}

/** Pages of 500: two full ones and a bit. */
export const googleProvider: Provider = { name: 'google', threePages: 1_060, makeWorld: makeGoogleWorld };
