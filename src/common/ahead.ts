/**
 * Work that is begun before its result is awaited. When it fails meanwhile, whoever awaits it hears of it; to the process it
 * would otherwise be a failure that nobody handles.
 */
export function ahead<T>(work: Promise<T>): Promise<T> {
  void Promise.allSettled([work]);
  return work;
}
