import type { Churn } from './company/company.ts';
import type { ExpectedScope } from './company/expected.ts';
import { expected, externalId } from './company/expected.ts';
import type { Person } from './company/model.ts';
import type { Fault } from './faults/model.ts';
import type { GoogleSimulator, OktaSimulator, Route } from './index.ts';

type Simulator = OktaSimulator | GoogleSimulator;
type Command = { readonly op: string } & Record<string, unknown>;

const HAPPENINGS = [
  'join',
  'stage',
  'begin',
  'move',
  'edit',
  'marry',
  'suspend',
  'unsuspend',
  'deprovision',
  'archive',
  'leave',
  'erase',
  'purge',
  'returnBack',
  'recreate',
] as const;

const OPERATIONS: Readonly<Record<string, string>> = {
  churn: '{edits?, joins?, suspends?, leaves?, moves?} as numbers, or {share}: 0.7 edits and 0.1 each of that share',
  [HAPPENINGS.join(' | ')]: '{who?: count, ids?: [provider ids]}',
  exchange: '{ids: [provider ids]}',
  live: '{seed, steps}',
  reissueIds: '{}',
  expected: '{scope: {kind, of?}}: who has to be active, as {count, people: [{externalId, email}]}',
  fault: '{fault: {route?, page?, times?, do}} or {faults: […]}',
  clearFaults: '{}',
  latency: '{ms}',
  warm: '{path}: makes the text of that list at once',
  settings: '{settings: {…}}',
  requests: '{reset?: true}: {total, byRoute, maxInFlight}',
  listings: '{}: {urls}, the first pages of lists of users that were asked for since the log was reset',
  revision: '{}',
  memory: '{}: bytes, and microseconds of CPU so far',
  close: '{}',
};

/** Carries out one command of the control port. All commands answer with an object. */
export function control(simulator: Simulator, provider: 'okta' | 'google', command: Command | { op: string }): object {
  const { op, ...given } = command as Command;
  const { company } = simulator;
  if (isHappening(op)) {
    const people = company[op](
      (given['ids'] ? byIds(simulator, given['ids'] as string[]) : (given['who'] ?? 1)) as never,
    );
    return { ids: people.map((person) => externalId(company, provider, person)) };
  }
  switch (op) {
    case 'help':
      return OPERATIONS;
    case 'churn':
      company.churn(churnOf(given, company.employed().length));
      return { revision: company.revision };
    case 'exchange':
      company.exchangeAddresses(...byIds(simulator, given['ids'] as string[]));
      return {};
    case 'live':
      return { steps: company.live(Number(given['seed']), Number(given['steps'])) };
    case 'reissueIds':
      company.reissueIds();
      return {};
    case 'expected': {
      const people = expected(company, { ...(given['scope'] as Omit<ExpectedScope, 'provider'>), provider });
      return { count: people.length, people: people.map(({ externalId: id, email }) => ({ externalId: id, email })) };
    }
    default:
      return controlServer(simulator, op, given);
  }
}

function controlServer(simulator: Simulator, op: string, given: Record<string, unknown>): object {
  const { requests } = simulator;
  switch (op) {
    case 'fault':
      simulator.faults.add(...((given['faults'] ?? [given['fault']]) as Fault[]));
      return { pending: simulator.faults.pending };
    case 'clearFaults':
      simulator.faults.clear();
      return {};
    case 'latency':
      simulator.setLatency(Number(given['ms']));
      return {};
    case 'warm':
      simulator.warm(String(given['path']));
      return {};
    case 'settings':
      Object.assign(simulator.settings, given['settings']);
      return { settings: simulator.settings };
    case 'requests': {
      const counted: Partial<Record<Route, number>> = requests.byRoute();
      const answer = { total: requests.count(), byRoute: counted, maxInFlight: requests.maxInFlight };
      if (given['reset'] === true) requests.reset();
      return answer;
    }
    case 'listings': {
      const first = requests.entries.filter(({ route, page }) => route === 'users.list' && page === 1);
      return { urls: first.map(({ url }) => url) };
    }
    case 'revision':
      return { revision: simulator.company.revision };
    case 'memory':
      return { ...process.memoryUsage(), cpu: process.cpuUsage() };
    case 'close':
      return {};
    default:
      throw new RangeError(`there is no operation ${op}`);
  }
}

function isHappening(op: string): op is (typeof HAPPENINGS)[number] {
  return (HAPPENINGS as readonly string[]).includes(op);
}

function byIds({ company }: Simulator, ids: readonly string[]): Person[] {
  return ids.map((id) => {
    const n = company.ids.fromOkta('person', id) ?? company.ids.fromGoogle('person', id);
    if (n === null) throw new RangeError(`there is nobody ${id}`);
    return company.person(n);
  });
}

/** `share` of 0.01 among 1,000 people: 7 edits, and one each who joins, is suspended, leaves, moves. */
function churnOf(given: Record<string, unknown>, people: number): Churn {
  const { share } = given;
  if (typeof share !== 'number') return given;
  const one = Math.round(people * share * 0.1);
  return { edits: Math.round(people * share * 0.7), joins: one, suspends: one, leaves: one, moves: one };
}
