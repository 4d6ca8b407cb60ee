import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request } from 'express';
import { AuditService } from '../audit/audit.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { mendOf } from './provider-problems.js';
import { isOfTheProvider, SignInFault } from './sign-in-fault.js';
import type { Attempt } from './sso.types.js';
import { NO_STEP_UP } from './step-up.js';
import { strangerIn } from './stranger.js';
import { TestSignIns } from './test-sign-ins.service.js';

/** What is told when a sign-in fails: all of it to the audit log, little to whoever signs in (P12). */
@Injectable()
export class Refusals {
  private readonly logger = new Logger('SignIn');

  constructor(
    private readonly database: Database,
    private readonly providers: IdentityProvidersRepository,
    private readonly tests: TestSignIns,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A sign-in could not even be begun. */
  async ofBegin(provider: IdentityProvider, error: unknown): Promise<never> {
    if (!(error instanceof SignInFault)) throw error;
    await this.note(provider, error);
    throw answerFor(error);
  }

  /** An attempt was taken and failed. */
  async ofAttempt(attempt: Attempt, provider: IdentityProvider, error: unknown, request: Request): Promise<never> {
    if (!(error instanceof SignInFault)) throw error;
    await this.note(provider, error);
    await this.database.asOrganisation(attempt.organisationId, async (tx) => {
      await this.audit.record(tx, {
        ...strangerIn(request, this.config),
        action: 'sign_in.failed',
        subject: { kind: 'identity_provider', id: provider.id },
        outcome: 'failed',
        detail: { because: error.because, purpose: attempt.purpose, attempt: attempt.id, ...error.detail },
      });
      if (attempt.purpose === 'test') await this.tests.failed(tx, attempt.id, error.because);
    });
    throw answerFor(error);
  }

  private async note(provider: IdentityProvider, fault: SignInFault): Promise<void> {
    this.logger.warn(`identity provider ${provider.id}: ${fault.because}: ${fault.message}`);
    if (!isOfTheProvider(fault.because)) return;
    const problem = { code: fault.because, since: this.clock.now().toISOString() };
    await this.database.asOrganisation(provider.organisationId, (tx) =>
      this.providers.setProblem(tx, provider.id, problem, `${provider.name}: ${mendOf(fault.because)}`),
    );
  }
}

/** The same for every way in which an attempt can be dead, so that nobody learns which it was (O-02). */
export function attemptDead(): RollcallError {
  return new RollcallError(
    'sign_in.attempt_dead',
    'This sign-in is over, or was begun in another browser. Start again.',
  );
}

export function closed(): RollcallError {
  return new RollcallError('sign_in.refused', 'Single sign-on is switched off for this organisation. Ask your admin.', {
    reason: 'closed',
  });
}

function answerFor(fault: SignInFault): RollcallError {
  const cause = { cause: fault };
  switch (fault.because) {
    case 'other_browser':
    case 'other_provider':
      return attemptDead();
    case 'closed':
      return closed();
    case 'no_auth_time':
      return new RollcallError(
        'session.provider_cannot_step_up',
        `${NO_STEP_UP} Go back and choose another way.`,
        undefined,
        cause,
      );
    case 'error_answer':
      return new RollcallError(
        'sign_in.provider_refused',
        'Your company’s sign-in did not let you through. Try again, or ask your IT.',
        fault.detail,
        cause,
      );
    default:
      return isOfTheProvider(fault.because)
        ? new RollcallError(
            'sign_in.provider_failed',
            'Your company’s sign-in does not answer at the moment; who is signed in stays so.',
            undefined,
            cause,
          )
        : new RollcallError(
            'sign_in.answer_refused',
            'Your company’s sign-in could not be checked. Try again; if it goes on, tell your admin the code of this request.',
            undefined,
            cause,
          );
  }
}
