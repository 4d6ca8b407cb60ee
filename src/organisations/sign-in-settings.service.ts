import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { OrganisationsRepository } from './organisations.repository.js';
import { OrganisationsService } from './organisations.service.js';
import type { SetSignInSettings, SignInSettingsView } from './sign-in-settings.dto.js';
import { SignInSettingsRepository, type BreakGlassRow } from './sign-in-settings.repository.js';

/** Whether people of an organisation may sign in by other means than at their company, and who may when that is broken. */
@Injectable()
export class SignInSettingsService {
  constructor(
    private readonly database: Database,
    private readonly settings: SignInSettingsRepository,
    private readonly organisations: OrganisationsService,
    private readonly rows: OrganisationsRepository,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  show(organisationId: string): Promise<SignInSettingsView> {
    return this.database.asOrganisation(organisationId, (tx) => this.view(tx), { readOnly: true });
  }

  /**
   * Enforced, single sign-on has no way around it (O-77): sessions and links of people who are no exception end. So it is
   * switched on by somebody for whom it works, and only when somebody could mend it were it broken.
   *
   * @throws {RollcallError} `sign_in.not_enforceable`, `feature.off`, `request.invalid` for who is nobody active here
   */
  set(caller: Caller, to: SetSignInSettings): Promise<SignInSettingsView> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.rows.lockOwn(tx);
      const before = await this.view(tx);
      await this.setBreakGlass(tx, caller, before.breakGlass, to.breakGlass);
      if (to.ssoEnforced) await this.assertEnforceable(tx, caller, await this.settings.breakGlass(tx));
      if (before.ssoEnforced !== to.ssoEnforced) {
        await this.settings.setEnforced(tx, to.ssoEnforced);
        const subject = { kind: 'organisation', id: caller.organisationId };
        const detail = { ssoEnforced: to.ssoEnforced };
        await this.audit.record(tx, {
          ...contextOf(caller),
          action: 'organisation.sign_in_settings',
          subject,
          fields: ['ssoEnforced'],
          detail,
        });
      }
      if (to.ssoEnforced) {
        const ids = await this.settings.besideProvider(tx);
        if (ids.length > 0) await this.sessions.end(tx, { ids }, 'factor_changed');
        await this.settings.endLinks(tx, this.clock.now());
      }
      return this.view(tx);
    });
  }

  private async setBreakGlass(tx: Tx, caller: Caller, before: readonly BreakGlassRow[], to: readonly string[]) {
    const known = new Set(before.map(({ personId }) => personId));
    const added = to.filter((id) => !known.has(id));
    if ((await this.settings.active(tx, added)).length !== added.length)
      throw new RollcallError('request.invalid', 'Somebody named for emergencies is nobody active here.');
    const context = contextOf(caller);
    for (const id of added) {
      await this.settings.addBreakGlass(tx, id, context.by, this.clock.now());
      await this.audit.record(tx, { ...context, action: 'break_glass.set', subject: { kind: 'person', id } });
    }
    for (const id of known) {
      if (to.includes(id)) continue;
      await this.settings.endBreakGlass(tx, id);
      await this.audit.record(tx, { ...context, action: 'break_glass.ended', subject: { kind: 'person', id } });
    }
  }

  private async assertEnforceable(tx: Tx, caller: Caller, breakGlass: readonly BreakGlassRow[]): Promise<void> {
    await this.organisations.requireFeature(tx, 'sso');
    if (!(await this.settings.hasActiveProvider(tx)))
      throw notEnforceable('No identity provider is enabled: nobody could sign in.');
    // Whoever runs the installation can let people in from the command line, and answers for it.
    if (caller.kind === 'command_line' || caller.operator !== null) return;
    if (caller.kind !== 'session' || !(await this.settings.beganAtActiveProvider(tx, caller.credentialId)))
      throw notEnforceable('Sign in at your company first, so that you see that it works, and then enforce it.');
    if (!breakGlass.some(({ passkeys }) => passkeys > 0))
      throw notEnforceable('Name somebody with a passkey who can get in when your company’s sign-in is broken.');
  }

  private async view(tx: Tx): Promise<SignInSettingsView> {
    const { sso, ssoEnforced } = await this.organisations.signInSettings(tx);
    return { sso, ssoEnforced, breakGlass: await this.settings.breakGlass(tx) };
  }
}

function notEnforceable(message: string): RollcallError {
  return new RollcallError('sign_in.not_enforceable', message);
}
