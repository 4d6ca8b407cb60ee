import { type ReactNode, useState } from 'react';
import { Refused } from '../api.js';
import { StepUp } from './step-up.js';

export interface Guarded {
  /** Does it; when the service wants to know first that it is still the same person, asks, and does it then. */
  guarded: (doIt: () => Promise<void>) => Promise<void>;
  dialog: ReactNode;
}

export function useStepUp(ways: { passkey: boolean; provider: boolean }): Guarded {
  /** Told what the person did: true to go on. */
  const [answer, setAnswer] = useState<((goOn: boolean) => void) | null>(null);
  const guarded = async (doIt: () => Promise<void>): Promise<void> => {
    try {
      await doIt();
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.code !== 'session.reauthentication_needed') throw error;
      const goOn = await new Promise<boolean>((resolve) => setAnswer(() => resolve));
      setAnswer(null);
      if (goOn) await doIt();
    }
  };
  const dialog = (
    <StepUp opened={answer !== null} ways={ways} onDone={() => answer?.(true)} onCancel={() => answer?.(false)} />
  );
  return { guarded, dialog };
}
