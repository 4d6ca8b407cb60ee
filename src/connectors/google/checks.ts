import type { Check } from '../connector.js';
import { ConnectorError } from '../errors.js';
import { retrying } from '../retry.js';
import type { GoogleAccess } from './google-access.js';
import { confirmSubject, domainsIfGranted, firstUsers, refusalOfScope } from './grants.js';
import { OAUTH, shortName } from './oauth-scopes.js';
import { TokenRefused } from './token-failures.js';

type Outcome = Pick<Check, 'outcome' | 'message'>;

const passed = (message: string): Outcome => ({ outcome: 'passed', message });
const warning = (message: string): Outcome => ({ outcome: 'warning', message });

/**
 * Tries what a sync needs, from the bottom up: who we are, what was delegated, who the subject is, what may be read.
 * What rests on something that failed is skipped, so that the first failure is the one to mend.
 */
export async function checkEverything(access: GoogleAccess, signal: AbortSignal): Promise<Check[]> {
  const list = new CheckList(signal);
  await list.run('Service account', () => serviceAccount(access, signal));
  for (const scope of access.scopes) {
    await list.run(`Delegation of ${shortName(scope)}`, async () => {
      const refusal = await refusalOfScope(access, scope, signal);
      if (refusal !== null) throw refusal;
      return passed('Delegated.');
    });
  }
  list.needAll();
  await list.run('Subject', () => subject(access, signal));
  list.needAll();
  await list.run('Users', () => users(access, signal));
  if (access.scope.kind === 'groups') await list.run('Groups of the scope', () => groups(access, signal));
  if (access.scope.kind === 'units') await list.run('Units of the scope', () => units(access, signal));
  await list.run('Verified domains', () => domains(access, signal));
  return list.checks;
}

class CheckList {
  readonly checks: Check[] = [];
  private blocked = false;

  constructor(private readonly signal: AbortSignal) {}

  async run(name: string, work: () => Promise<Outcome>): Promise<void> {
    if (this.blocked) {
      this.checks.push({ name, outcome: 'skipped', message: 'Not tried, since what it needs has failed.' });
      return;
    }
    const outcome = await work().catch((error: unknown) => this.failureOf(error));
    this.checks.push({ name, ...outcome });
    // Without a service account nothing else can be told apart.
    if (this.checks.length === 1) this.needAll();
  }

  /** From here on nothing is tried once something has failed. */
  needAll(): void {
    if (this.checks.some((check) => check.outcome === 'failed')) this.blocked = true;
  }

  private failureOf(error: unknown): Outcome {
    if (this.signal.aborted) {
      this.blocked = true;
      return { outcome: 'failed', message: 'The test was stopped before it was done.' };
    }
    if (error instanceof ConnectorError) return { outcome: 'failed', message: error.message };
    return { outcome: 'failed', message: 'Something of ours failed; the log of the service has more.' };
  }
}

/** Key, clock, service account and subject are refused whatever the scope; that one scope lacks delegation comes next. */
async function serviceAccount(access: GoogleAccess, signal: AbortSignal): Promise<Outcome> {
  try {
    await retrying(() => access.tokens.get([OAUTH.users], signal), access.patience, signal);
  } catch (error) {
    if (!(error instanceof TokenRefused) || error.refusal !== 'not_delegated') throw error;
  }
  return passed(`Google knows the service account with client id ${access.clientId}, its key and the subject.`);
}

async function subject(access: GoogleAccess, signal: AbortSignal): Promise<Outcome> {
  const { customerId, isSuperAdmin } = await confirmSubject(access, signal);
  const message = `The subject is an admin of the customer ${customerId}.`;
  return passed(
    isSuperAdmin ? `${message} It is a super admin; a role that may only read is enough, and safer.` : message,
  );
}

async function users(access: GoogleAccess, signal: AbortSignal): Promise<Outcome> {
  return (await firstUsers(access, signal)).length > 0
    ? passed('Users can be listed.')
    : warning('The list of users is empty; is this the right customer?');
}

async function groups(access: GoogleAccess, signal: AbortSignal): Promise<Outcome> {
  const { objects, missing } = await access.scopeReader.resolve(access.reads, signal);
  if (missing.length > 0) throw notFound('group', missing);
  const empty: string[] = [];
  for (const group of objects) {
    for await (const page of access.reads.members(group.id, signal)) {
      if (page === null) throw notFound('group', [group.name]);
      if (page.length === 0) empty.push(group.name);
      break;
    }
  }
  if (empty.length > 0) {
    return warning(
      `Nobody is in the group ${empty.join(', ')}: put people into it in Google, or choose another group as scope.`,
    );
  }
  return passed(`Members can be read: ${objects.map((group) => group.name).join(', ')}.`);
}

async function units(access: GoogleAccess, signal: AbortSignal): Promise<Outcome> {
  const { objects, missing } = await access.scopeReader.resolve(access.reads, signal);
  if (missing.length > 0) throw notFound('unit', missing);
  const named = access.scope.kind === 'units' ? access.scope.units.filter((name) => !name.startsWith('id:')) : [];
  const found = objects.map((unit) => `${unit.name} (${unit.id})`).join(', ');
  if (named.length === 0) return passed(`Found: ${found}.`);
  return warning(
    `Found: ${found}; name units by these ids, so that the connection goes on when one is renamed or moved.`,
  );
}

function notFound(kind: 'group' | 'unit', names: readonly string[]): ConnectorError {
  return new ConnectorError(
    'unauthorized',
    `Google knows no ${kind} ${names.join(', ')}: check the spelling, or choose the ${kind}s of the scope anew.`,
  );
}

async function domains(access: GoogleAccess, signal: AbortSignal): Promise<Outcome> {
  const names = await domainsIfGranted(access, signal);
  if (names === null) {
    return warning(
      `Google does not tell which domains it has verified: delegate ${shortName(OAUTH.domains)} and give the subject the privilege for domains, ` +
        'or verify the domains here by DNS.',
    );
  }
  return names.length > 0
    ? passed(`Verified by Google: ${names.join(', ')}.`)
    : warning('Google has verified no domain of this customer.');
}
