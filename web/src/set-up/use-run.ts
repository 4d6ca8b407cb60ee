import { useEffect, useState } from 'react';
import { api, problemFrom, unwrap, type Problem } from '../api.js';
import type { Run } from './directory.js';

const OVER: readonly Run['state'][] = ['succeeded', 'ready', 'failed', 'cancelled'];

export function isOver({ state }: Run): boolean {
  return OVER.includes(state);
}

/** A run as it moves, told by the service for as long as it goes on; the browser takes the thread up again by itself. */
export function useRun(begun: Run, onOver: () => void): { run: Run; problem: Problem | null } {
  const [run, setRun] = useState(begun);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const source = new EventSource(`/api/v1/runs/${begun.id}/progress`);
    const take = (next: Run): void => {
      setRun(next);
      if (!isOver(next)) return;
      source.close();
      onOver();
    };
    source.addEventListener('run', ({ data }: MessageEvent<string>) => take(JSON.parse(data) as Run));
    source.addEventListener('error', () => {
      // Refused, and not tried again by itself: what is wrong is said to whoever asks plainly.
      if (source.readyState !== EventSource.CLOSED) return;
      api
        .GET('/api/v1/runs/{id}', { params: { path: { id: begun.id } } })
        .then((answer) => take(unwrap(answer)))
        .catch((thrown: unknown) => setProblem(problemFrom(thrown)));
    });
    return () => source.close();
    // Begun anew by another run alone.
  }, [begun.id]);
  return { run, problem };
}
