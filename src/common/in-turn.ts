/**
 * Does the same for each, one after the other. What goes wrong with one keeps no other from its turn, and is thrown when all
 * have had theirs; of several the first.
 *
 * @returns The sum of what was done.
 */
export async function inTurn<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<number>,
): Promise<number> {
  let sum = 0;
  let failed: { error: unknown } | null = null;
  for await (const item of items) {
    try {
      sum += await work(item);
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== null) throw failed.error;
  return sum;
}
