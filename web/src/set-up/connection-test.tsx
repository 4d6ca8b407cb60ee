import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Said } from '../parts/said.js';
import { useAction } from '../use-action.js';
import { SET_UP } from './texts.js';

const T = SET_UP.directory;
type Result = Schemas['ConnectionTest'];

const TONES = { passed: 'good', warning: 'warn', failed: 'bad', skipped: 'none' } as const;

/** Everything that a sync needs, tried out, line by line. */
export function ConnectionTest({ id, onDone }: { id: string; onDone: () => void }): ReactNode {
  const [result, setResult] = useState<Result | null>(null);
  const test = useAction(async () => {
    setResult(unwrap(await api.POST('/api/v1/connections/{id}/test', { params: { path: { id } } })));
  });
  return (
    <Stack gap="md">
      <Text>{T.testLead}</Text>
      <div role="status">
        {test.busy && (
          <Text size="sm" c="dimmed">
            {T.testing}
          </Text>
        )}
        {!test.busy && result !== null && <Checks result={result} />}
      </div>
      <Said problem={test.problem} />
      <Group>
        {result?.passed === true && !test.busy && <Button onClick={onDone}>{T.goOn}</Button>}
        <Button variant={result === null ? 'filled' : 'default'} loading={test.busy} onClick={() => test.run()}>
          {result === null ? T.testGo : T.testAgain}
        </Button>
      </Group>
    </Stack>
  );
}

function Checks({ result: { passed, checks } }: { result: Result }): ReactNode {
  return (
    <>
      <Text fw={600}>{passed ? T.passed : T.failed}</Text>
      <ul className="rows checks">
        {checks.map(({ name, outcome, message }) => (
          <li key={name}>
            <div>
              <Text fw={600}>{name}</Text>
              <Text size="sm" c="dimmed" className="break">
                {message}
              </Text>
            </div>
            <span className="badge" data-tone={TONES[outcome]}>
              {T.outcomes[outcome]}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
