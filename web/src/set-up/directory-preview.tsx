import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { api, unwrap } from '../api.js';
import { Said } from '../parts/said.js';
import { useAction } from '../use-action.js';
import type { Connection, Run } from './directory.js';
import { Plan } from './plan.js';
import { RunProgress } from './run-progress.js';
import { SET_UP } from './texts.js';
import { isOver } from './use-run.js';

const T = SET_UP.directory;

interface Props {
  connection: Connection;
  /** The newest that was asked for with this link. */
  run: Run | null;
  again: () => void;
}

/** The preview and what it leads to: asked for, made, looked at, started, running. */
export function DirectoryPreview({ connection, run, again }: Props): ReactNode {
  if (run === null) return <Ask {...{ connection, again }} />;
  if (!isOver(run)) return <RunProgress key={run.id} begun={run} onOver={again} />;
  if (run.confirms !== null && run.state === 'succeeded') return <Running run={run} />;
  if (run.state === 'ready' && run.settingsVersion !== connection.settingsVersion)
    return <Ask {...{ connection, again }} said={<Text>{T.outdated}</Text>} />;
  if (run.state === 'ready') return <Ready {...{ connection, run, again }} />;
  return <Ask {...{ connection, again }} said={<Ended run={run} />} />;
}

/** A run that came to nothing, with its own sentence. */
function Ended({ run: { state, error } }: { run: Run }): ReactNode {
  if (state === 'cancelled' && error === null) return <Text>{T.stopped}</Text>;
  const detail = error?.message ?? T.stopped;
  return <Said problem={{ status: 0, code: error?.code ?? state, detail, requestId: null }} />;
}

function Ask({
  connection: { id },
  again,
  said,
}: Pick<Props, 'connection' | 'again'> & { said?: ReactNode }): ReactNode {
  const ask = useAction(async () => {
    unwrap(await api.POST('/api/v1/connections/{id}/previews', { params: { path: { id } } }));
    again();
  });
  return (
    <Stack gap="md">
      {said ?? <Text>{T.previewLead}</Text>}
      <Said problem={ask.problem} />
      <Group>
        <Button loading={ask.busy} onClick={() => ask.run()}>
          {said === undefined ? T.previewGo : T.previewAnew}
        </Button>
      </Group>
    </Stack>
  );
}

function Ready({ connection, run, again }: Props & { run: Run }): ReactNode {
  const start = useAction(async () => {
    // To tie the directory to an admin, or by an address that proves nothing, is for an admin: a set-up link approves none.
    const body = { approveLinks: [] };
    unwrap(await api.POST('/api/v1/runs/{id}/confirm', { params: { path: { id: run.id } }, body }));
    again();
  });
  const anew = useAction(async () => {
    unwrap(await api.POST('/api/v1/connections/{id}/previews', { params: { path: { id: connection.id } } }));
    again();
  });
  return (
    <Stack gap="md">
      <Plan run={run} />
      {run.counts.approve > 0 && <Text size="sm">{T.linksWait(run.counts.approve)}</Text>}
      {run.counts.held > 0 && <Text size="sm">{T.held(run.counts.held)}</Text>}
      <Text size="sm" c="dimmed">
        {T.startLead}
      </Text>
      <Said problem={start.problem ?? anew.problem} />
      <Group>
        <Button loading={start.busy} onClick={() => start.run()}>
          {T.start}
        </Button>
        <Button variant="default" loading={anew.busy} onClick={() => anew.run()}>
          {T.previewAnew}
        </Button>
      </Group>
    </Stack>
  );
}

function Running({ run }: { run: Run }): ReactNode {
  return (
    <Stack gap="md">
      <Alert color="pine" variant="light" title={T.running} role="status">
        {T.runningLead}
      </Alert>
      {run.counts.held > 0 && <Text size="sm">{T.held(run.counts.held)}</Text>}
      <Plan run={run} />
    </Stack>
  );
}
