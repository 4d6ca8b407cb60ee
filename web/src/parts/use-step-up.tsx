import { type ReactNode, useState } from 'react';
import { Refused } from '../api.js';
import { useAction } from '../use-action.js';
import { StepUp } from './step-up.js';

export interface Guarded {
  /** Does it; when the service wants to know first that it is still the same person, asks, and does it then. */
  guarded: (doIt: () => Promise<void>) => Promise<void>;
  dialog: ReactNode;
}

export function useStepUp(ways: { passkey: boolean; provider: boolean }): Guarded {
  const [waiting, setWaiting] = useState<(() => Promise<void>) | null>(null);
  const guarded = async (doIt: () => Promise<void>): Promise<void> => {
    try {
      await doIt();
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.code !== 'session.reauthentication_needed') throw error;
      setWaiting(() => doIt);
    }
  };
  const again = useAction(async () => {
    const doIt = waiting;
    setWaiting(null);
    await doIt?.();
  });
  const dialog = <StepUp opened={waiting !== null} ways={ways} onDone={again.run} onCancel={() => setWaiting(null)} />;
  return { guarded, dialog };
}
