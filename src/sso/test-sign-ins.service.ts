import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { AttemptsRepository } from './attempts.repository.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';
import type { FaultCause } from './sign-in-fault.js';
import type { Attempt, ProvenIdentity } from './sso.types.js';
import { showsAnew, StepUpView, stepUpView } from './step-up.js';

/** What a real sign-in by the same account would have led to. */
export const WouldHappen = z.strictObject({
  outcome: z.enum(['enter', 'link', 'create', 'refuse']),
  code: z.string().nullable().describe('Why it would be refused, or by what it would be tied.'),
  sentence: z.string().nullable(),
});
export type WouldHappen = z.infer<typeof WouldHappen>;

export const TestResult = z.strictObject({
  state: z.enum(['open', 'done', 'failed']),
  because: z.string().nullable().describe('The check that failed.'),
  claims: z.array(
    z.strictObject({ name: z.string(), value: z.string().nullable().describe('Null: it came and is not shown.') }),
  ),
  wouldHappen: WouldHappen.nullable(),
  stepUp: StepUpView,
});
export type TestResult = z.infer<typeof TestResult>;

/** Claims whose values help whoever sets a provider up. Of all others only the name is kept. */
const SHOWN = new Set([
  'iss',
  'aud',
  'sub',
  'oid',
  'tid',
  'hd',
  'email',
  'email_verified',
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'acr',
  'amr',
  'auth_time',
]);
const LONGEST = 300;
const MOST = 100;

/** Test sign-ins: they end in what came back, and never in a session. */
@Injectable()
export class TestSignIns {
  constructor(
    private readonly database: Database,
    private readonly attempts: AttemptsRepository,
    private readonly providers: IdentityProvidersRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'identityProviders'>,
  ) {}

  /** Every check of an attempt passed: the provider works, and a test of it is kept. */
  async passed(
    attempt: Attempt,
    provider: IdentityProvider,
    identity: ProvenIdentity,
    by: AuditContext,
  ): Promise<void> {
    if (attempt.purpose !== 'test' && provider.problem === null) return;
    const { clockSkewSeconds } = this.config.identityProviders;
    await this.database.asOrganisation(attempt.organisationId, async (tx) => {
      await this.providers.clearProblem(tx, provider.id, this.clock.now());
      if (attempt.purpose !== 'test') return;
      const stepsUp = showsAnew(identity.authTime, attempt.createdAt, clockSkewSeconds);
      const result: TestResult = {
        ...{ state: 'done', because: null, claims: claimsOf(identity), wouldHappen: null },
        stepUp: stepUpView(stepsUp),
      };
      await this.attempts.setResult(tx, attempt.id, result);
      await this.providers.setTested(tx, provider, { at: this.clock.now(), stepsUp });
      await this.audit.record(tx, {
        ...by,
        action: 'identity_provider.tested',
        subject: { kind: 'identity_provider', id: provider.id },
        detail: { attempt: attempt.id },
      });
    });
  }

  async failed(tx: Tx, attemptId: string, because: FaultCause): Promise<void> {
    const result: TestResult = { state: 'failed', because, claims: [], wouldHappen: null, stepUp: null };
    await this.attempts.setResult(tx, attemptId, result);
  }

  /** Adds to a test that passed what a real sign-in would have led to. */
  async conclude(tx: Tx, attempt: Pick<Attempt, 'id' | 'providerId'>, wouldHappen: WouldHappen): Promise<void> {
    const found = await this.result(tx, attempt.providerId, attempt.id);
    if (found?.state === 'done') await this.attempts.setResult(tx, attempt.id, { ...found, wouldHappen });
  }

  /** Null when there is no such test, or it is too long ago. */
  async result(tx: Tx, providerId: string, attemptId: string): Promise<TestResult | null> {
    const row = await this.attempts.findTest(tx, providerId, attemptId, this.clock.now());
    if (row === null) return null;
    return row.result === null
      ? { state: 'open', because: null, claims: [], wouldHappen: null, stepUp: null }
      : TestResult.parse(row.result);
  }
}

function claimsOf({ claims }: ProvenIdentity): TestResult['claims'] {
  return Object.entries(claims)
    .slice(0, MOST)
    .map(([name, value]) => ({
      name: showable(name),
      value: SHOWN.has(name) ? shownValue(value) : null,
    }));
}

/** None of these claims is more than a value or a list of values; what nests deeper is not written out, however deep it is. */
function shownValue(value: unknown): string | null {
  if (typeof value === 'string') return showable(value);
  const plain = (Array.isArray(value) ? value : [value]).every((one) => one === null || typeof one !== 'object');
  return plain ? showable(JSON.stringify(value)) : null;
}

/** As a line of text that a database and a page can hold. */
function showable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\uFFFD').slice(0, LONGEST);
}
