import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useId, useRef } from 'react';

/** Whether a step was taken, is being taken, or has to wait for those before it. */
export type StageState = 'done' | 'open' | 'later';

interface Props {
  number: number;
  title: string;
  state: StageState;
  /** What came of it, in a line, once it is done. */
  summary?: ReactNode;
  /** Opens a step that is done again. */
  change?: { label: string; name: string; onClick: () => void };
  /** Open, and nothing is left to do in it. */
  over?: boolean;
  /** Said of the mark to whoever does not see it. */
  stateName: string;
  children: ReactNode;
}

/** One step of several. The one to be taken is open; its heading takes the focus when it opens under the reader. */
export function Stage({ number, title, state, summary, change, over = false, stateName, children }: Props): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(state);
  const id = useId();
  useEffect(() => {
    if (before.current !== 'open' && state === 'open' && isReading(heading.current)) heading.current?.focus();
    before.current = state;
  }, [state]);
  return (
    <li
      className="stage"
      data-state={state}
      data-over={over}
      aria-current={state === 'open' ? 'step' : undefined}
      aria-labelledby={id}
    >
      <span className="stage-mark" aria-hidden="true">
        {state === 'done' || over ? <Tick /> : number}
      </span>
      <div className="stage-body">
        <div className="stage-head">
          <h3 ref={heading} tabIndex={-1} id={id}>
            {title} <span className="unseen">{stateName}</span>
          </h3>
          {state === 'done' && change !== undefined && (
            <Button variant="subtle" size="compact-sm" onClick={change.onClick} aria-label={change.name}>
              {change.label}
            </Button>
          )}
        </div>
        {state === 'done' && summary !== undefined && <div className="stage-summary break">{summary}</div>}
        {state === 'open' && <div className="stage-work">{children}</div>}
      </div>
    </li>
  );
}

/** Nobody who works elsewhere on the page is taken away from there. */
function isReading(heading: HTMLElement | null): boolean {
  const { activeElement } = document;
  return activeElement === document.body || heading?.closest('.stages')?.contains(activeElement) === true;
}

function Tick(): ReactNode {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" strokeWidth="2.25">
      <path d="M3 8.5 6.5 12 13 4.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
