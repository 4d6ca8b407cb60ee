import { useCallback, useState } from 'react';
import { problemFrom, type Problem } from './api.js';

export interface Action<Args extends unknown[]> {
  run: (...args: Args) => void;
  busy: boolean;
  /** What the last try ended with; null while it goes well. */
  problem: Problem | null;
  forget: () => void;
}

/** Something that a person starts, and that may be refused: one at a time, and what was said of it. */
export function useAction<Args extends unknown[]>(doIt: (...args: Args) => Promise<void>): Action<Args> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = (...args: Args): void => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    doIt(...args)
      .catch((thrown: unknown) => setProblem(problemFrom(thrown)))
      .finally(() => setBusy(false));
  };
  return { run, busy, problem, forget: useCallback(() => setProblem(null), []) };
}
