import { useCallback, useEffect, useRef, useState } from 'react';
import { problemFrom, type Problem } from './api.js';

export type Loaded<T> = { state: 'loading' } | { state: 'there'; value: T } | { state: 'failed'; problem: Problem };

/** What a page shows and has to ask for first, with a way to ask again. What is there stays while it is asked for anew. */
export function useLoaded<T>(load: () => Promise<T>): [Loaded<T>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const latest = useRef(load);
  latest.current = load;
  const again = useCallback(() => {
    latest
      .current()
      .then((value) => setLoaded({ state: 'there', value }))
      .catch((thrown: unknown) => setLoaded({ state: 'failed', problem: problemFrom(thrown) }));
  }, []);
  useEffect(again, [again]);
  return [loaded, again];
}
