import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf, type AuditContext } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull, type PageQuery } from '../common/fields.js';
import { decodeCursor, encodeCursor } from '../common/paging.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import { Secrets } from '../database/secrets.service.js';
import { compose } from './compose.js';
import { bodyPlace, readBody } from './mail-body.js';
import { MailsRepository, type MailRow } from './mails.repository.js';
import type { MailContentView, WaitingMail, WaitingMailsPage } from './operator-mails.dto.js';

/** For operators: mail that was not sent, of all organisations; what they look at stands in the organisation's own log. */
@Injectable()
export class OperatorMails {
  constructor(
    private readonly database: Database,
    private readonly mails: MailsRepository,
    private readonly secrets: Secrets,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Newest first; nobody's address and no text. */
  async list({ cursor, limit }: PageQuery): Promise<WaitingMailsPage> {
    const before = decodeCursor(cursor, z.uuid());
    const found = await this.database.asWorker((worker) => this.mails.unsent(worker, before, limit + 1), {
      readOnly: true,
    });
    const shown = found.slice(0, limit);
    const items = await Promise.all(
      [...Map.groupBy(shown, ({ organisationId }) => organisationId)].map(([organisationId, mails]) =>
        this.database.asOrganisation(
          organisationId,
          (tx) =>
            this.mails.some(
              tx,
              mails.map(({ id }) => id),
            ),
          { readOnly: true },
        ),
      ),
    );
    return {
      // One that was sent in between is not shown any more.
      items: items
        .flat()
        .filter(({ state }) => state !== 'sent')
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .map(toView),
      next: found.length > limit ? encodeCursor(shown.at(-1)?.id) : null,
    };
  }

  /**
   * What was sent is its receiver's. A link to sign in is shown where no mail server is, since somebody has to hand it over;
   * while one is to take it, an operator would sign in as another with it, outside of any support session (T-13).
   *
   * @throws {RollcallError} `mail.not_found`, also when its text is no longer kept
   */
  async content(caller: Caller, organisationId: string, id: string): Promise<MailContentView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const row = await this.mails.find(tx, id);
      if (!row?.body || row.state === 'sent' || (row.template === 'sign_in_link' && row.state !== 'kept')) throw gone();
      const opened = readBody(row.template, await this.secrets.open(tx, bodyPlace(organisationId, id), row.body));
      const { host } = new URL(publicSiteOf(this.config.server).origin);
      const { subject, text } = await compose(opened.saying, opened, { host });
      await this.audit.record(tx, {
        ...operatorContext(caller),
        action: 'mail.kept_shown',
        subject: { kind: 'mail', id },
        detail: { template: row.template },
      });
      return { recipient: row.recipient, subject, text };
    });
  }

  /** @throws {RollcallError} `mail.not_found` for one that was sent, is just being sent, or has no text any more */
  async sendAgain(caller: Caller, organisationId: string, id: string): Promise<WaitingMail> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      if (!(await this.mails.again(tx, id, this.clock.now()))) throw gone();
      await this.audit.record(tx, {
        ...operatorContext(caller),
        action: 'mail.sent_again',
        subject: { kind: 'mail', id },
      });
      const row = await this.mails.find(tx, id);
      if (!row) throw gone();
      return toView(row);
    });
  }
}

/** In the log of the organisation whose mail it is, whoever looks is an operator and not a person whom nobody knows there. */
function operatorContext(caller: Caller): AuditContext {
  const { operator } = caller;
  if (operator === null) throw new TypeError('the guard let somebody through who is no operator');
  const { personId, organisationId } = operator;
  return { ...contextOf(caller), by: { kind: 'operator', personId, organisationId } };
}

function gone(): RollcallError {
  return new RollcallError('mail.not_found', 'There is no such mail that waits, or its text is no longer kept.');
}

function toView(row: MailRow): WaitingMail {
  return {
    organisationId: row.organisationId,
    id: row.id,
    template: row.template,
    state: row.state === 'sent' ? 'waiting' : row.state,
    attempts: row.attempts,
    nextTryAt: instantOrNull(row.nextTryAt),
    problem: row.problem,
    hasText: row.body !== null,
    createdAt: instant(row.createdAt),
  };
}
