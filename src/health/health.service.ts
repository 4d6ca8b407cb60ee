import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { Database } from '../database/database.service.js';

/** A probe that waits longer than this has its answer: not ready. */
const ANSWER_WITHIN_MS = 3_000;

/** Whether this instance can do its work. */
@Injectable()
export class Health {
  private readonly logger = new Logger(Health.name);
  private stopping = false;
  private wasReady = true;

  constructor(private readonly database: Database) {}

  /** From now on nobody should send us anything new. */
  stop(): void {
    this.stopping = true;
  }

  /** The database answers, and its schema is this release's. */
  async isReady(): Promise<boolean> {
    if (this.stopping) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_told, fail) => {
      timer = setTimeout(() => fail(new Error('the database did not answer in time')), ANSWER_WITHIN_MS);
    });
    try {
      await Promise.race([this.database.assertSchema(), late]);
      this.note(true, '');
      return true;
    } catch (error) {
      this.note(false, messageOf(error));
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Probes come every few seconds; only a change is worth a line. */
  private note(ready: boolean, because: string): void {
    if (ready !== this.wasReady) this.logger.warn(ready ? 'ready again' : `not ready: ${because}`);
    this.wasReady = ready;
  }
}
