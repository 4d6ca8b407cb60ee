import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { opens } from '../going.js';
import { Copyable } from '../parts/copyable.js';
import { Said } from '../parts/said.js';
import { Section } from '../parts/section.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';

type Provider = Schemas['IdentityProvider'];
type Result = Schemas['TestSignIn'];

/** One provider that is being set up: what to do in its own console, a test, and the switch. */
export function SetUpProvider({ provider, again }: { provider: Provider; again: () => void }): ReactNode {
  const { id, name, state, testedAt, problem } = provider;
  const path = { params: { path: { id } } };
  const [steps] = useLoaded(async () => unwrap(await api.GET('/api/v1/identity-providers/{id}/steps', path)).items);
  const enable = useAction(async () => {
    unwrap(await api.POST('/api/v1/identity-providers/{id}/enable', path));
    again();
  });
  return (
    <Section title={name}>
      <Stack gap="md" mt="xs">
        <Group gap="xs">
          <Badge variant="light" tt="none">
            {TEXTS.setUp.states[state]}
          </Badge>
        </Group>
        {problem !== null && (
          <Said problem={{ status: 0, code: problem.code, detail: problem.message, requestId: null }} />
        )}
        <Steps steps={steps.state === 'there' ? steps.value : []} />
        <Said problem={steps.state === 'failed' ? steps.problem : null} />
        <Test id={id} onPassed={again} />
        {state !== 'active' && (
          <>
            <Text size="sm" c="dimmed">
              {testedAt === null ? TEXTS.setUp.untested : TEXTS.setUp.tested}
            </Text>
            <Said problem={enable.problem} />
            <Button disabled={testedAt === null} loading={enable.busy} onClick={() => enable.run()}>
              {TEXTS.setUp.enable}
            </Button>
          </>
        )}
      </Stack>
    </Section>
  );
}

function Steps({ steps }: { steps: Schemas['IdentityProviderSteps']['items'] }): ReactNode {
  return (
    <ol className="steps">
      {steps.map(({ title, text, values }) => (
        <li key={title}>
          <Text fw={600}>{title}</Text>
          <Text size="sm">{text}</Text>
          {Object.entries(values).map(([label, value]) => (
            <Copyable key={label} label={label} value={value} />
          ))}
        </li>
      ))}
    </ol>
  );
}

/** Every two seconds, for as long as somebody may take to sign in. */
const LOOK_EVERY_MS = 2_000;
const LOOKS = 300;

/** A sign-in in another tab that ends in what came back, and in no session. */
function Test({ id, onPassed }: { id: string; onPassed: () => void }): ReactNode {
  const [attemptId, setAttemptId] = useState<string | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const begin = useAction(async () => {
    const tab = opens();
    try {
      const body = { returnTo: '/set-up' };
      const begun = unwrap(await api.POST('/api/v1/identity-providers/{id}/tests', { params: { path: { id } }, body }));
      setResult(null);
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
    const timer = setInterval(() => {
      if (++looks > LOOKS) return clearInterval(timer);
      void resultOf(id, attemptId).then((found) => {
        if (found === null || found.state === 'open') return;
        clearInterval(timer);
        setAttemptId(null);
        setResult(found);
        if (found.state === 'done') onPassed();
      });
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
    // Begun anew by another attempt alone: what is called at the end may change meanwhile.
  }, [id, attemptId]);
  return (
    <>
      <Said problem={begin.problem} />
      <Button variant="default" loading={begin.busy} onClick={() => begin.run()}>
        {TEXTS.setUp.test}
      </Button>
      {attemptId !== null && (
        <Text size="sm" c="dimmed" role="status">
          {TEXTS.setUp.testing}
        </Text>
      )}
      {result !== null && <TestResult result={result} />}
    </>
  );
}

/** Null while it cannot be had: it is asked for again. */
async function resultOf(id: string, attemptId: string): Promise<Result | null> {
  const path = { params: { path: { id, attemptId } } };
  const answer = await api.GET('/api/v1/identity-providers/{id}/tests/{attemptId}', path).catch(() => null);
  return answer?.data ?? null;
}

function TestResult({ result: { state, because, claims, wouldHappen } }: { result: Result }): ReactNode {
  return (
    <div role="status">
      <Text fw={600}>{state === 'done' ? TEXTS.setUp.passed : TEXTS.setUp.failed(because ?? 'unknown')}</Text>
      {wouldHappen !== null && <Text size="sm">{wouldHappen.sentence}</Text>}
      {claims.length > 0 && (
        <dl className="facts">
          {claims.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value ?? TEXTS.setUp.withheld}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
