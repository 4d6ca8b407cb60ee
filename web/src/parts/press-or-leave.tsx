import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { mayPass } from '../api.js';
import { TEXTS } from '../texts.js';
import type { Action } from '../use-action.js';
import { Said } from './said.js';

interface Props {
  action: Action<[string]>;
  /** What stood behind the `#` of the link. */
  secret: string;
  label: string;
  /** What to do once it is refused for good; left out, it is the sign-in. */
  leave?: ReactNode;
}

/** The one press that a link waits for; once it is refused for good, the way back instead. */
export function PressOrLeave({ action: { run, busy, problem }, secret, label, leave }: Props): ReactNode {
  const over = problem !== null && !mayPass(problem);
  return (
    <>
      <Said problem={problem} />
      {over ? (
        (leave ?? (
          <Button component="a" href="/sign-in" size="md" fullWidth>
            {TEXTS.backToSignIn}
          </Button>
        ))
      ) : (
        <Button size="md" fullWidth loading={busy} onClick={() => run(secret)}>
          {problem === null ? label : TEXTS.tryAgain}
        </Button>
      )}
    </>
  );
}
