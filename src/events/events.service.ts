import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { EventsRepository } from './events.repository.js';
import type { NewEvent, ToldEvent } from './events.types.js';

/** The outbox: what happened to people, in the transaction in which it happened, exactly once and in order per person. */
@Injectable()
export class EventsService {
  constructor(private readonly events: EventsRepository) {}

  /** One event per change, in the order given. A change that was told of already is a fault: ask `known` first. */
  async append(tx: Tx, events: readonly NewEvent[], runId?: string): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map(({ id, type, personId, payload }) => ({ id, type, person_id: personId, payload }));
    await this.events.announceWriting(tx);
    await this.events.insert(tx, runId ?? null, JSON.stringify(rows));
  }

  /** Which of these changes were applied before: their event is there. */
  known(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
    return this.events.known(tx, ids);
  }

  /**
   * What happened after an event, in order; nothing that is still being committed can come before what this gives.
   *
   * @param id Null: from the beginning.
   * @returns Null when there is no such event.
   */
  async after(tx: Tx, id: string | null, limit: number): Promise<ToldEvent[] | null> {
    const seq = id === null ? 0 : await this.events.seqOf(tx, id);
    if (seq === null) return null;
    await this.events.awaitWriters(tx);
    return this.events.after(tx, seq, limit);
  }
}
