import { setTimeout as wait } from 'node:timers/promises';

/**
 * How long anything is waited for before a test gives up, milliseconds: long, because how fast a busy machine is says
 * nothing about the product, and shorter than a test may take, so that it ends with words for what did not happen.
 */
export const PATIENCE_MS = 120_000;

/** What is waited for; as a function it may tell how far it came. */
type Words = string | (() => string);

/** Looks until it is so. */
export async function until(what: Words, so: () => boolean | Promise<boolean>, everyMs = 5): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await wait(everyMs)) if (await so()) return;
  throw inVain(what);
}

/** What `work` comes to, or an error that says what was waited for. */
export async function within<T>(what: Words, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([
      work,
      wait(PATIENCE_MS, undefined, { signal: over.signal }).then(() => {
        throw inVain(what);
      }),
    ]);
  } finally {
    over.abort();
  }
}

function inVain(what: Words): Error {
  return new Error(`waited ${PATIENCE_MS / 1000} s in vain for ${typeof what === 'string' ? what : what()}`);
}
