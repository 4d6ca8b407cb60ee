import {
  expected,
  externalId,
  makeCompany,
  serveGoogle,
  serveOkta,
  type Company,
  type GoogleSimulator,
  type OktaSimulator,
  type Person,
} from '../simulators/index.ts';
import { Api, type Change, type Run } from './api.ts';
import { startProviderRig, type ProviderRig, type RigPerson } from '../support/provider-rig.ts';
import { freePort, House } from './house.ts';
import { PostOffice } from './post-office.ts';
import type { Screen } from './screen.ts';

/** One organisation of the demo with its connection. */
export interface Side {
  provider: 'okta' | 'google';
  /** As the demo calls it. */
  name: string;
  organisation: string;
  api: Api;
  connectionId: string;
}

/** One company, two directories that serve it, and two organisations of Rollcall that follow them. */
export interface World {
  company: Company;
  okta: OktaSimulator;
  google: GoogleSimulator;
  /** Where the company's people sign in. */
  rig: ProviderRig;
  /** Where every mail goes. */
  post: PostOffice;
  house: House;
  screen: Screen;
  sides: Side[];
  /** API keys by organisation. */
  keys: Record<string, string>;
  signal: AbortSignal;
}

/** A step that came out otherwise than it should. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Unexpected(what);
}

export async function openWorld(people: number, screen: Screen, signal: AbortSignal): Promise<World> {
  const company = makeCompany({ people, seed: 11 });
  const [okta, google, rig, post, port] = await Promise.all([
    serveOkta(company),
    serveGoogle(company),
    startProviderRig((sub) => accountOf(company, sub)),
    PostOffice.open(),
    freePort(),
  ]);
  const house = new House(
    port,
    {
      connectors: {
        okta: { insecureLoopback: true },
        google: { insecureLoopback: true, baseUrl: google.url, tokenUrl: google.tokenUrl },
      },
      identityProviders: { insecureLoopback: true, allowedHosts: [new URL(rig.issuer).host] },
      mail: { smtpUrl: post.smtpUrl, from: 'rollcall@demo.example', insecurePlaintext: true, lookEveryMs: 100 },
      invitations: { importPerMinute: 600 },
    },
    signal,
  );
  return { company, okta, google, rig, post, house, screen, sides: [], keys: {}, signal };
}

export async function closeWorld({ okta, google, rig, post, house }: World): Promise<void> {
  await house.close();
  await Promise.all([okta.close(), google.close(), rig[Symbol.asyncDispose](), post.close()]);
}

/** Everybody has an account, whose subject is their number; of a leaver it is still there when the directory has noticed. */
function accountOf(company: Company, sub: string): RigPerson | undefined {
  const person = company.people.find((one) => subjectOf(one) === sub);
  return person && { sub, email: person.email, given_name: person.given, family_name: person.family };
}

export function subjectOf({ n }: Person): string {
  return `account-${n}`;
}

/** Both directories are read now; the two runs and what each changed. */
export async function syncBoth(world: World): Promise<{ side: Side; run: Run; changes: Change[] }[]> {
  return Promise.all(
    world.sides.map(async (side) => {
      const run = await side.api.resync(side.connectionId);
      expect(run.state === 'succeeded', `A sync of ${side.name} ended ${run.state}: ${run.error?.message ?? ''}`);
      return { side, run, changes: await side.api.changes(run.id) };
    }),
  );
}

/** Who is active here are exactly as many as the directory employs. */
export async function expectEqual(world: World): Promise<number> {
  let active = 0;
  for (const { provider, name, api } of world.sides) {
    active = await api.active();
    const there = expected(world.company, { provider, kind: 'everyone' }).length;
    expect(active === there, `${name} employs ${there} people and ${active} are active here.`);
  }
  return active;
}

export function idIn(world: World, side: Side, person: Person): string {
  return externalId(world.company, side.provider, person);
}

export function nameOf(person: Person): string {
  return `${person.given} ${person.family}`.trim();
}

export function seconds({ startedAt, finishedAt }: Run): string {
  const took = startedAt === null || finishedAt === null ? 0 : Date.parse(finishedAt) - Date.parse(startedAt);
  return `${(took / 1000).toFixed(1)} s`;
}
