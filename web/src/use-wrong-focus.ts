import { useEffect, useRef, useState, type RefObject } from 'react';
import type { Problem } from './api.js';

/**
 * Whoever sent a form that is not right stands in the first field that is wrong.
 *
 * @param problem What the service said of it; null while it said nothing.
 * @returns For the form, and to be called when it was sent and is wrong already here.
 */
export function useWrongFocus(problem: Problem | null): [RefObject<HTMLFormElement | null>, () => void] {
  const form = useRef<HTMLFormElement>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (turn > 0 || problem !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [turn, problem]);
  return [form, () => setTurn((before) => before + 1)];
}
