import { useEffect, useRef, type ReactNode } from 'react';
import mark from '../mark.svg';
import { TEXTS } from '../texts.js';

/** One thing to do, in the middle of the page. */
export function Frame({ children }: { children: ReactNode }): ReactNode {
  return (
    <div className="frame">
      <main className="column">
        <Brand />
        <div className="card">{children}</div>
      </main>
      <footer className="foot column">{TEXTS.footer}</footer>
    </div>
  );
}

export function Brand(): ReactNode {
  return (
    <div className="brand">
      <img src={mark} alt="" />
      Rollcall
    </div>
  );
}

/**
 * The heading of a page. It names the window too, and takes the focus when it is not the first that was shown, so that whoever
 * does not see the change hears it.
 */
export function PageTitle({ children }: { children: string }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} – Rollcall`;
    if (shown && shown !== children) heading.current?.focus();
    shown = children;
  }, [children]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** The last heading of this window. */
let shown: string | null = null;
