import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { inTurn } from '../common/in-turn.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { InvitationLimits } from './limits.service.js';
import { InvitationLinksRepository, type LinkedInvitation } from './links.repository.js';
import { InvitationLinks } from './links.service.js';

const ORGANISATIONS_AT_ONCE = 200;
/** Of one organisation in one look, of each kind. */
const MOST_AT_ONCE = 50;
/** One that could not be sent stands back for so long, so that the others come first. */
const STANDS_BACK_MS = 5 * 60_000;

/** Sends the invitations that wait: by hand within the limits, of files of people at a steady rate. */
@Injectable()
export class Dispatch {
  private readonly log = new Logger('invitations');

  constructor(
    private readonly database: Database,
    private readonly rows: InvitationLinksRepository,
    private readonly links: InvitationLinks,
    private readonly limits: InvitationLimits,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes the mails whose turn it is: every organisation has its turn, for many may wait that have used up their limits.
   *
   * @param atOnce Organisations that are looked up together.
   * @returns How many mails were made.
   */
  sendDue(atOnce = ORGANISATIONS_AT_ONCE): Promise<number> {
    return inTurn(this.due(atOnce), (organisationId) =>
      retryOnConflict(() => this.database.asOrganisation(organisationId, (tx) => this.sendOf(tx, organisationId))),
    );
  }

  private async *due(atOnce: number): AsyncGenerator<string> {
    const now = this.clock.now();
    for (let after: string | null = null; ;) {
      const from: string | null = after;
      const page: string[] = await this.database.asWorker((worker) => this.rows.due(worker, now, from, atOnce), {
        readOnly: true,
      });
      yield* page;
      if (page.length < atOnce) return;
      after = page.at(-1) ?? null;
    }
  }

  private async sendOf(tx: Tx, organisationId: string): Promise<number> {
    await this.rows.alone(tx);
    const now = this.clock.now();
    let sent = 0;
    for (const ofFiles of [false, true]) {
      const { left } = ofFiles ? await this.limits.ofFiles(tx, now) : await this.limits.byHand(tx, now);
      const rows = left === 0 ? [] : await this.rows.next(tx, now, ofFiles, Math.min(left, MOST_AT_ONCE));
      for (const row of rows) if (await this.sendOne(tx, organisationId, row, now)) sent += 1;
    }
    return sent;
  }

  private async sendOne(tx: Tx, organisationId: string, row: LinkedInvitation, now: Date): Promise<boolean> {
    const by = { by: { kind: 'system' } } as const;
    if (!row.fits || !row.inviterGood) {
      await this.links.close(tx, { ids: [row.id] }, row.inviterGood ? 'replaced' : 'inviter', by);
      return false;
    }
    const again = await this.limits.recipient(row.emailCanonical, now);
    if (again !== null) {
      await this.rows.putOff(tx, row.id, again);
      return false;
    }
    try {
      await tx.savepoint((inner) => this.links.mail(inner, organisationId, row, by));
      return true;
    } catch (error) {
      this.log.error({ invitation: row.id, error: messageOf(error) }, 'an invitation could not be sent');
      await this.rows.putOff(tx, row.id, new Date(now.getTime() + STANDS_BACK_MS));
      return false;
    }
  }
}
