import { useState } from 'react';
import type { StageState } from '../parts/stage.js';
import { SET_UP } from './texts.js';

interface Stages<Step extends string> {
  /** For the stage of a step. */
  stage: (step: Step) => { number: number; state: StageState; stateName: string };
  /** For a stage that can be opened again once it is done. */
  change: (
    step: Step,
    title: string,
    label?: string,
  ) => { change: { label: string; name: string; onClick: () => void } };
  /** Back to the step that is next. */
  close: () => void;
}

/** Steps of which one is open: the one to be taken next, or one before it that is being changed. */
export function useStages<Step extends string>(steps: readonly Step[], current: Step): Stages<Step> {
  const [opened, setOpened] = useState<Step | null>(null);
  const at = (step: Step): number => steps.indexOf(step);
  const open = opened !== null && at(opened) < at(current) ? opened : current;
  const stateOf = (step: Step): StageState => {
    if (step === open) return 'open';
    return at(step) < at(current) ? 'done' : 'later';
  };
  return {
    stage: (step) => ({ number: at(step) + 1, state: stateOf(step), stateName: SET_UP.stateOf[stateOf(step)] }),
    change: (step, title, label = SET_UP.change) => ({
      change: { label, name: SET_UP.changeNamed(label, title), onClick: () => setOpened(step) },
    }),
    close: () => setOpened(null),
  };
}
