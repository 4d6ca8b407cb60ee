import type { Tx } from '../database/tx.js';
import type { ImportOrder, SendingForecast } from './invitations.types.js';

/** What files of people ask of invitations. */
export abstract class Invitations {
  /** Queues them for the steady sending of imports; somebody with an open invitation keeps that one. @returns How many are new. */
  abstract queueForImport(tx: Tx, order: ImportOrder): Promise<number>;

  /** Until when the sending would take with so many more. */
  abstract forecast(tx: Tx, more: number, now: Date): Promise<SendingForecast>;

  /** Closes those of an import that was undone. */
  abstract closeOfImport(tx: Tx, importId: string): Promise<void>;
}
