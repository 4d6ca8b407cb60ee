import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import { IdentityProviders } from './identity-providers.service.js';
import { RelyingParty } from './relying-party.service.js';
import type { BegunAttempt } from './sso.types.js';
import { type TestResult, TestSignIns } from './test-sign-ins.service.js';

/** Test sign-ins, as whoever sets a provider up asks for them. */
@Injectable()
export class TestingProviders {
  constructor(
    private readonly database: Database,
    private readonly providers: IdentityProviders,
    private readonly party: RelyingParty,
    private readonly tests: TestSignIns,
    private readonly audit: AuditService,
  ) {}

  async begin(caller: Caller, id: string, returnTo: string | null): Promise<BegunAttempt & { id: string }> {
    const { organisationId } = caller;
    await this.providers.show(organisationId, id);
    const begun = await this.party.begin({
      organisationId,
      providerId: id,
      purpose: 'test',
      returnTo: returnTo ?? '/',
      loginHint: null,
      sessionId: null,
      maxAge: 0,
    });
    const attemptId = begun.cookie.name.slice('attempt-'.length);
    await this.database.asOrganisation(organisationId, (tx) =>
      this.audit.record(tx, {
        ...contextOf(caller),
        action: 'identity_provider.test_begun',
        subject: { kind: 'identity_provider', id },
        detail: { attempt: attemptId },
      }),
    );
    return { ...begun, id: attemptId };
  }

  result(organisationId: string, providerId: string, attemptId: string): Promise<TestResult> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const result = await this.tests.result(tx, providerId, attemptId);
        if (result) return result;
        throw new RollcallError('identity_provider.test_not_found', 'There is no such test sign-in, or it is too old.');
      },
      { readOnly: true },
    );
  }
}
