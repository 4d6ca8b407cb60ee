import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { api, unwrap } from '../api.js';
import { Said } from '../parts/said.js';
import { useAction } from '../use-action.js';
import type { Run } from './directory.js';
import { SET_UP } from './texts.js';
import { useRun } from './use-run.js';

const R = SET_UP.run;

/** A run while it goes on: what it does, how far it is, how fast. It goes on when the page is closed. */
export function RunProgress({ begun, onOver }: { begun: Run; onOver: () => void }): ReactNode {
  const { run, problem } = useRun(begun, onOver);
  const stop = useAction(async () => {
    unwrap(await api.POST('/api/v1/runs/{id}/cancel', { params: { path: { id: run.id } } }));
  });
  const phase = run.phase === null ? R.queued : R[run.phase];
  const { done, all } = share(run);
  const details = [...counted(run), ...rateOf(run)];
  return (
    <Stack gap="xs">
      {/* The words change seldom enough to be read out; the numbers beside them do not. */}
      <Text fw={600} role="status">
        {phase}
      </Text>
      <Progress.Root size="lg">
        <Progress.Section
          value={all === 0 ? 100 : (done / all) * 100}
          animated={all === 0}
          striped={all === 0}
          aria-label={phase}
          {...(all === 0 ? { 'aria-valuenow': undefined } : {})}
        />
      </Progress.Root>
      <Text size="sm" c="dimmed" className="tabular">
        {details.join(' · ')}
      </Text>
      <Said problem={problem ?? stop.problem} />
      <Group>
        <Button
          variant="default"
          size="sm"
          loading={stop.busy || run.cancelAskedAt !== null}
          onClick={() => stop.run()}
        >
          {SET_UP.directory.cancel}
        </Button>
      </Group>
    </Stack>
  );
}

/** How far a run is in what it does just now; nobody knows how long a directory is before its end. */
function share({ phase, progress: { decided, toDecide, applied, toApply } }: Run): { done: number; all: number } {
  if (phase === 'plan') return { done: decided, all: toDecide };
  if (phase === 'apply') return { done: applied, all: toApply };
  return { done: 0, all: 0 };
}

function counted(run: Run): string[] {
  const { done, all } = share(run);
  if (all > 0) return [R.of(done, all)];
  return run.progress.records === 0 ? [] : [R.records(run.progress.records, run.progress.pages)];
}

const A_MINUTE = 60_000;

function rateOf({ phase, startedAt, progress: { records } }: Run): string[] {
  const took = startedAt === null ? 0 : Date.now() - Date.parse(startedAt);
  // In its first seconds it says nothing of the rest.
  return phase === 'read' && took > 5_000 ? [R.rate(Math.round((records / took) * A_MINUTE))] : [];
}
