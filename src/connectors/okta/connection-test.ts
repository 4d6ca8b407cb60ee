import type { Clock } from '../../common/clock.js';
import type { Check } from '../connector.js';
import { ConnectorError } from '../errors.js';
import { arrayOf } from '../json.js';
import { httpDate } from '../retry.js';
import { OktaRefusal } from './failures.js';
import { NO_ORGANISATION, readOrganisation } from './organisation.js';
import { listOfUsers, type Part } from './scope.js';
import type { ScopeObjects } from './scope-objects.js';
import type { OktaCredentials, OktaScope } from './settings.js';
import { TokenRefusal } from './tokens.js';
import type { Bucket, OktaTransport, Question } from './transport.js';

/** Okta lets a clock be off by five minutes; we warn at one. */
const CLOCK_WARNING_MS = 60_000;
const CLOCK_FAILURE_MS = 5 * 60_000;

export interface TestSubject {
  transport: OktaTransport;
  scopeObjects: ScopeObjects;
  scope: OktaScope;
  credentials: OktaCredentials;
  clock: Clock;
  /** The first list of a full read. */
  part: Part;
}

/** Tries what a sync will need, in order. Once one thing fails that the rest stands on, the rest is skipped. */
export async function testConnection(subject: TestSubject, signal: AbortSignal): Promise<Check[]> {
  const steps: { name: string; stops: boolean; run: () => Promise<Result> }[] = [
    { name: 'Address', stops: true, run: () => address(subject, signal) },
    { name: 'Clock', stops: false, run: () => clockAgainst(subject, signal) },
    { name: 'Sign-in', stops: true, run: () => signIn(subject, signal) },
    { name: 'Reading people', stops: false, run: () => people(subject, signal) },
    { name: 'Reading the System Log', stops: false, run: () => systemLog(subject, signal) },
    { name: 'Scope', stops: false, run: () => scope(subject, signal) },
  ];
  const checks: Check[] = [];
  let stopped = false;
  for (const step of steps) {
    if (stopped) {
      checks.push({ name: step.name, outcome: 'skipped', message: 'Not tried, because of what failed above.' });
      continue;
    }
    const result = await step.run().catch((error: unknown) => failed(error, signal));
    checks.push({ name: step.name, ...result });
    stopped = (result.outcome === 'failed' && step.stops) || signal.aborted;
  }
  return checks;
}

type Result = Pick<Check, 'outcome' | 'message'>;

const passed = (message: string): Result => ({ outcome: 'passed', message });

function failed(error: unknown, signal: AbortSignal): Result {
  if (signal.aborted) return { outcome: 'failed', message: 'The test was stopped.' };
  if (error instanceof ConnectorError) return { outcome: 'failed', message: error.message };
  return { outcome: 'failed', message: 'The test itself failed, which is a fault of Rollcall; its log says more.' };
}

async function address({ transport }: TestSubject, signal: AbortSignal): Promise<Result> {
  const { id } = await readOrganisation(transport, signal).catch((error: unknown) => {
    // A page for people rather than for programs: somebody else's host.
    const page = error instanceof ConnectorError && error.failure === 'bad_response';
    throw page ? new ConnectorError('bad_response', NO_ORGANISATION, { cause: error }) : error;
  });
  return passed(`This is the Okta organisation ${id}.`);
}

async function clockAgainst({ transport, clock }: TestSubject, signal: AbortSignal): Promise<Result> {
  const before = clock.now().getTime();
  const { date } = await readOrganisation(transport, signal);
  const theirs = httpDate(date ?? '');
  if (Number.isNaN(theirs)) return passed('Okta does not tell its time; nothing to compare.');
  // Okta's time lies between our two, as far as its header tells: whole seconds.
  const after = clock.now().getTime();
  const off = theirs > after ? theirs - after : Math.max(0, before - theirs - 1_000);
  const says = `The clock of the machine that runs Rollcall is ${Math.round(off / 1_000)} seconds off`;
  if (off > CLOCK_FAILURE_MS) return { outcome: 'failed', message: `${says}: set it, or Okta refuses our signatures.` };
  if (off > CLOCK_WARNING_MS) return { outcome: 'warning', message: `${says}: have it set by a time server.` };
  return passed('Our clock agrees with that of Okta.');
}

/** The first request that needs a credential. A key is checked at the token endpoint, which says what is wrong with it. */
async function signIn(subject: TestSubject, signal: AbortSignal): Promise<Result> {
  const { transport, credentials } = subject;
  try {
    await transport.get(listOfUsers(1), signal);
  } catch (error) {
    if (error instanceof TokenRefusal && error.error === 'invalid_scope')
      return await missingScopes(subject, error, signal);
    // Signed in, and not allowed to: the next check says so.
    if (!(error instanceof OktaRefusal)) throw error;
  }
  if (credentials.method === 'token') return passed('Okta accepts the API token.');
  return passed(`Okta accepts our key and grants ${(transport.grantedScopes ?? []).join(', ')}.`);
}

/** Okta refuses all scopes at once when one is missing, and need not name it: each is tried alone. */
async function missingScopes({ transport }: TestSubject, refusal: TokenRefusal, signal: AbortSignal): Promise<Result> {
  const missing = await transport.ungrantedScopes(signal);
  if (missing.length === 0) throw refusal;
  const which = missing.length === 1 ? `the scope ${missing.join('')}` : `the scopes ${missing.join(', ')}`;
  return {
    outcome: 'failed',
    message: `Grant the service app ${which}: Okta API Scopes tab of the app, by a super administrator.`,
  };
}

const LOG: Question = { path: '/api/v1/logs?limit=1', bucket: 'logs', what: 'the System Log' };

async function people(subject: TestSubject, signal: AbortSignal): Promise<Result> {
  const found = arrayOf((await allowed(subject, listOfUsers(1), signal)).body, "Okta's list of users");
  if (found.length > 0) return passed('People can be read.');
  return {
    outcome: 'warning',
    message:
      'No people are shown: the admin role is narrowed to a resource set, or the organisation is empty; a narrowed role would look as if people had left.',
  };
}

async function systemLog(subject: TestSubject, signal: AbortSignal): Promise<Result> {
  await allowed(subject, LOG, signal);
  return passed('The System Log can be read, so that deletions are told from gaps.');
}

async function scope(subject: TestSubject, signal: AbortSignal): Promise<Result> {
  const { scopeObjects, scope: chosen, part } = subject;
  if (chosen.kind === 'directory') return passed('Everybody in the directory is in scope.');
  const objects = await scopeObjects.read(signal, true);
  await allowed(subject, { ...part.question, path: part.question.path.replace(/limit=\d+/, 'limit=1') }, signal);
  const names = objects.map((object) => `“${object.name}”`).join(', ');
  const empty = objects.filter((object) => object.size === 0).map((object) => `“${object.name}”`);
  if (chosen.kind === 'application') {
    if (empty.length === 0) return passed(`In scope are the people assigned to the application ${names}.`);
    return {
      outcome: 'warning',
      message: `Nobody is assigned to the application ${names}: assign people or groups to it.`,
    };
  }
  if (empty.length === 0) return passed(`In scope are the members of ${names}.`);
  return {
    outcome: 'warning',
    message: `Nobody is in the group ${empty.join(', ')}: add people to it, or choose another.`,
  };
}

/** Which admin role lets each be read, for the mend by name. */
const ROLES: Readonly<Record<Bucket, string>> = {
  users: 'Read-only Administrator',
  user: 'Read-only Administrator',
  group: 'Read-only Administrator (or Group Administrator)',
  app: 'Read-only Administrator (or Application Administrator)',
  logs: 'Read-only Administrator (or Report Administrator)',
  meta: 'Read-only Administrator',
};

async function allowed({ transport, credentials }: TestSubject, question: Question, signal: AbortSignal) {
  try {
    return await transport.get(question, signal);
  } catch (error) {
    if (!(error instanceof OktaRefusal)) throw error;
    if (error.status !== 403) throw error.toConnectorError(question.what);
    const whom =
      credentials.method === 'key' ? 'the service app (its Admin roles tab)' : 'the admin who made the API token';
    throw new ConnectorError(
      'unauthorized',
      `Okta does not show us ${question.what}: give ${whom} the role ${ROLES[question.bucket]}.`,
    );
  }
}
