import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { api, unwrap, type Problem, type Schemas } from '../api.js';
import { goToSignIn } from '../going.js';
import { Brand, PageTitle } from '../parts/frame.js';
import { Said } from '../parts/said.js';
import { signOut } from '../signing-out.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { EnrolPasskey } from './enrol-passkey.js';
import { OwnSessions } from './own-sessions.js';
import { SupportNotice } from './support-notice.js';
import { WaysToSignIn } from './ways-to-sign-in.js';

type Session = Extract<Schemas['Session'], { signedIn: true }>;

/** One's own account: where one is signed in, and by what. */
export function Account(): ReactNode {
  const [session, again] = useLoaded(async () => unwrap(await api.GET('/api/v1/session')));
  const known = session.state === 'there' ? session.value : null;
  const elsewhere = known === null ? null : placeFor(known);
  useEffect(() => {
    if (elsewhere === 'sign-in') goToSignIn();
    if (elsewhere === 'set-up') location.replace('/set-up');
  }, [elsewhere]);
  if (session.state === 'failed') return <Waiting problem={session.problem} onAgain={again} />;
  if (known === null || !known.signedIn || elsewhere !== null) return <Waiting problem={null} onAgain={again} />;
  if (known.needs === 'passkey') return <EnrolPasskey onDone={again} />;
  return <Known session={known} again={again} />;
}

function placeFor(session: Schemas['Session']): 'sign-in' | 'set-up' | null {
  if (!session.signedIn) return 'sign-in';
  return session.kind === 'set_up' ? 'set-up' : null;
}

function Waiting({ problem, onAgain }: { problem: Problem | null; onAgain: () => void }): ReactNode {
  return (
    <div className="frame frame-wide">
      <main className="column">
        <Brand />
        <PageTitle>{TEXTS.account.title}</PageTitle>
        {problem === null ? (
          <Loader mt="lg" aria-label={TEXTS.loading} role="status" />
        ) : (
          <Stack mt="lg" align="flex-start">
            <Said problem={problem} />
            <Button variant="default" onClick={onAgain}>
              {TEXTS.tryAgain}
            </Button>
          </Stack>
        )}
      </main>
    </div>
  );
}

function Known({ session, again }: { session: Session; again: () => void }): ReactNode {
  const leave = useAction(signOut);
  const { person, organisation, support } = session;
  const name = [person?.firstName, person?.lastName].filter(Boolean).join(' ');
  return (
    <div className="frame frame-wide">
      <header className="column">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Brand />
          <Button variant="default" loading={leave.busy} onClick={() => leave.run()} className="fixed">
            {TEXTS.account.signOut}
          </Button>
        </Group>
      </header>
      <main className="column">
        <Stack gap="lg">
          <Said problem={leave.problem} />
          <div>
            <PageTitle>{TEXTS.account.title}</PageTitle>
            {support === null && (
              <Text c="dimmed" className="break">
                {name !== '' && (
                  <>
                    <bdi>{name}</bdi> ·{' '}
                  </>
                )}
                <bdi>{person?.email}</bdi> {TEXTS.account.at} <bdi>{organisation.name}</bdi>
              </Text>
            )}
          </div>
          {support !== null && <SupportNotice support={support} onLeft={again} />}
          {support === null && (
            <>
              <WaysToSignIn />
              <OwnSessions />
            </>
          )}
        </Stack>
      </main>
      <footer className="foot column">{TEXTS.footer}</footer>
    </div>
  );
}
