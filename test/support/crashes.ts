import { RollcallError } from '../../src/common/errors.js';
import type { Database } from '../../src/database/database.service.js';

/** `lost`: the transaction is committed, the answer never arrives, and the process lives on. */
export type CrashMode = 'before' | 'inside' | 'after' | 'lost';

/**
 * The death of a process, as its database sees it: from one transaction on, nothing reaches it any more. Set up on the
 * database of a service in the same process.
 */
export class Crashes {
  private left = Infinity;
  private mode: CrashMode = 'before';
  private dead = false;
  /** Whether the crash that was armed last happened. */
  happened = false;

  constructor(database: Database) {
    const reach = database.asOrganisation.bind(database);
    database.asOrganisation = async (organisationId, work, options) => {
      if (this.dead) throw new Error('the process is dead');
      this.left -= 1;
      if (this.left !== 0) return reach(organisationId, work, options);
      this.happened = true;
      if (this.mode === 'before') throw this.die();
      if (this.mode === 'inside') {
        return reach(
          organisationId,
          async (tx) => {
            await work(tx);
            throw this.die();
          },
          options,
        );
      }
      await reach(organisationId, work, options);
      if (this.mode === 'after') throw this.die();
      throw new RollcallError('database.commit_unknown', 'The answer to COMMIT was lost.');
    };
  }

  /** The `nth` transaction from now on is the last one. */
  arm(nth: number, mode: CrashMode): void {
    this.left = nth;
    this.mode = mode;
    this.happened = false;
  }

  /** Another process takes its place. */
  revive(): void {
    this.left = Infinity;
    this.dead = false;
  }

  private die(): Error {
    this.dead = true;
    return new Error('the process died');
  }
}
