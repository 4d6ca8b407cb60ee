import type { Tx } from '../database/tx.js';

/** Instances tell every 15 s that they live; three times missed is gone. */
const GONE_AFTER = '45 seconds';

/** Whether an instance of the service lives, which takes up what is asked for. As the worker role. */
export async function serviceLives(tx: Tx): Promise<boolean> {
  const found = await tx.one<{ lives: boolean }>(
    'SELECT EXISTS (SELECT FROM instance WHERE seen_at > now() - $1::interval) AS lives',
    [GONE_AFTER],
  );
  return found.lives;
}
