import { Button, Loader, Stack, Text } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { api, unwrap } from '../api.js';
import { takeSecret } from '../fragment.js';
import { DeadEnd } from '../parts/dead-end.js';
import { Frame, PageTitle } from '../parts/frame.js';
import { PressOrLeave } from '../parts/press-or-leave.js';
import type { SetUpSession } from '../set-up/opened.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';

/** Nobody who only signs in waits for what sets an organisation up. */
const Opened = lazy(async () => ({ default: (await import('../set-up/opened.js')).Opened }));
const TabOver = lazy(async () => ({ default: (await import('../set-up/tab-over.js')).TabOver }));

/** A set-up link: pressed, it is used up; what it began stays for some hours, also when the page is loaded again. */
export function SetUp(): ReactNode {
  const [tested] = useState(() => new URLSearchParams(location.search).has('tested'));
  return <Suspense fallback={<Coming />}>{tested ? <TabOver /> : <Link />}</Suspense>;
}

function Link(): ReactNode {
  const [token] = useState(takeSecret);
  const [opened, setOpened] = useState<SetUpSession | null>(null);
  const [known] = useLoaded(sessionThere);
  const open = useAction(async (secret: string) => {
    setOpened(unwrap(await api.POST('/api/v1/set-up/open', { body: { token: secret } })));
  });
  const session = opened ?? (token === null && known.state === 'there' ? known.value : null);
  if (session !== null) return <Opened session={session} />;
  if (token === null && known.state === 'loading') return <Coming />;
  if (token === null)
    return (
      <DeadEnd title={TEXTS.setUp.title} mend={TEXTS.setUp.mend}>
        {TEXTS.setUp.missing}
      </DeadEnd>
    );
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.setUp.title}</PageTitle>
        {open.problem === null && <Text c="dimmed">{TEXTS.setUp.lead}</Text>}
        <PressOrLeave
          action={open}
          secret={token}
          label={TEXTS.setUp.go}
          leave={<Leave begun={known.state === 'there' ? known.value : null} onGoOn={setOpened} />}
        />
      </Stack>
    </Frame>
  );
}

/** A link that is used up may have been used by the same person a while ago: what it opened is still there then. */
function Leave({ begun, onGoOn }: { begun: SetUpSession | null; onGoOn: (session: SetUpSession) => void }): ReactNode {
  if (begun === null) return <Text>{TEXTS.setUp.kept}</Text>;
  return (
    <Button size="md" fullWidth onClick={() => onGoOn(begun)}>
      {TEXTS.setUp.goOn}
    </Button>
  );
}

function Coming(): ReactNode {
  return (
    <Frame>
      <Loader size="sm" aria-label={TEXTS.loading} role="status" />
    </Frame>
  );
}

async function sessionThere(): Promise<SetUpSession | null> {
  const session = unwrap(await api.GET('/api/v1/session'));
  if (!session.signedIn || session.setUp === null) return null;
  return { organisation: session.organisation.name, kinds: session.setUp.kinds, endsAt: session.endsAt };
}
