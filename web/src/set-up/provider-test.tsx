import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { opens } from '../going.js';
import { Said } from '../parts/said.js';
import { useAction } from '../use-action.js';
import type { Provider } from './sso.js';
import { SET_UP } from './texts.js';

const T = SET_UP.sso;
type Result = Schemas['TestSignIn'];

/** Every two seconds, for as long as somebody may take to sign in. */
const LOOK_EVERY_MS = 2_000;
const LOOKS = 300;

interface Props {
  provider: Provider;
  onDone: () => void;
}

/** A sign-in in another tab that ends in what came back, and in no session. */
export function ProviderTest({ provider, onDone }: Props): ReactNode {
  const { id, problem } = provider;
  const [attemptId, setAttemptId] = useState<string | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const [slow, setSlow] = useState(false);
  const begin = useAction(async () => {
    const tab = opens();
    try {
      const body = { returnTo: '/set-up?tested' };
      const begun = unwrap(await api.POST('/api/v1/identity-providers/{id}/tests', { params: { path: { id } }, body }));
      setResult(null);
      setSlow(false);
      setAttemptId(begun.id);
      tab.go(begun.url);
    } catch (error) {
      tab.close();
      throw error;
    }
  });
  useEffect(() => {
    if (attemptId === null) return undefined;
    let looks = 0;
    const over = (found: Result | null): void => {
      clearInterval(timer);
      setAttemptId(null);
      setResult(found);
      setSlow(found === null);
    };
    const timer = setInterval(() => {
      if (++looks > LOOKS) return over(null);
      void resultOf(id, attemptId).then((found) => {
        if (found !== null && found.state !== 'open') over(found);
      });
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [id, attemptId]);
  const fresh = result === null && attemptId === null;
  return (
    <Stack gap="md">
      <Text>{T.testLead}</Text>
      {fresh && problem !== null && (
        <Said problem={{ status: 0, code: problem.code, detail: problem.message, requestId: null }} />
      )}
      <div role="status">
        {attemptId !== null && <Text c="dimmed">{T.testing}</Text>}
        {slow && <Text>{T.slow}</Text>}
        {result !== null && <TestResult result={result} />}
      </div>
      <Said problem={begin.problem} />
      <Group>
        {result?.state === 'done' && <Button onClick={onDone}>{SET_UP.directory.goOn}</Button>}
        <Button
          variant={result?.state === 'done' ? 'default' : 'filled'}
          loading={begin.busy}
          onClick={() => begin.run()}
        >
          {fresh ? T.testGo : T.testAgain}
        </Button>
      </Group>
    </Stack>
  );
}

/** Null while it cannot be had: it is asked for again. */
async function resultOf(id: string, attemptId: string): Promise<Result | null> {
  const path = { params: { path: { id, attemptId } } };
  const answer = await api.GET('/api/v1/identity-providers/{id}/tests/{attemptId}', path).catch(() => null);
  return answer?.data ?? null;
}

function TestResult({ result: { state, because, claims, wouldHappen, stepUp } }: { result: Result }): ReactNode {
  const passed = state === 'done';
  return (
    <div className="test-result" data-passed={passed}>
      <Text fw={600}>{passed ? T.passed : T.failed}</Text>
      {because !== null && <Text>{T.causes[because] ?? T.cause(because)}</Text>}
      {wouldHappen !== null && (
        <>
          <h4>{T.happens}</h4>
          <Text>{wouldHappen.sentence ?? T.enter_}</Text>
        </>
      )}
      {stepUp?.possible === false && <Text>{stepUp.sentence}</Text>}
      {claims.length > 0 && (
        <>
          <h4>{T.claims}</h4>
          <dl className="facts">
            {claims.map(({ name, value }) => (
              <div key={name}>
                <dt className="mono break">{name}</dt>
                <dd>{value ?? <i>{T.withheld}</i>}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  );
}
