import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, unwrap } from '../api.js';
import { takeSecret } from '../fragment.js';
import { DeadEnd } from '../parts/dead-end.js';
import { Brand, Frame, PageTitle } from '../parts/frame.js';
import { PressOrLeave } from '../parts/press-or-leave.js';
import { Section } from '../parts/section.js';
import { TEXTS } from '../texts.js';
import { timeOf } from '../times.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { SetUpSso } from './set-up-sso.js';

interface SetUpSession {
  organisation: string;
  kinds: readonly ('sso' | 'directory')[];
  endsAt: string;
}

/** A set-up link: pressed, it is used up; what it began stays for some hours, also when the page is loaded again. */
export function SetUp(): ReactNode {
  const [token] = useState(takeSecret);
  const [opened, setOpened] = useState<SetUpSession | null>(null);
  const [known] = useLoaded(sessionThere);
  const open = useAction(async (secret: string) => {
    setOpened(unwrap(await api.POST('/api/v1/set-up/open', { body: { token: secret } })));
  });
  const session = opened ?? (token === null && known.state === 'there' ? known.value : null);
  if (session !== null) return <Opened session={session} />;
  if (token === null && known.state === 'loading') return <Frame>{null}</Frame>;
  if (token === null) return <DeadEnd title={TEXTS.setUp.title}>{TEXTS.setUp.missing}</DeadEnd>;
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.setUp.title}</PageTitle>
        {open.problem === null && <Text c="dimmed">{TEXTS.setUp.lead}</Text>}
        <PressOrLeave action={open} secret={token} label={TEXTS.setUp.go} />
      </Stack>
    </Frame>
  );
}

async function sessionThere(): Promise<SetUpSession | null> {
  const session = unwrap(await api.GET('/api/v1/session'));
  if (!session.signedIn || session.setUp === null) return null;
  return { organisation: session.organisation.name, kinds: session.setUp.kinds, endsAt: session.endsAt };
}

function Opened({ session: { organisation, kinds, endsAt } }: { session: SetUpSession }): ReactNode {
  return (
    <div className="frame frame-wide">
      <main className="column">
        <Brand />
        <Stack gap="lg">
          <div>
            <PageTitle>{TEXTS.setUp.openTitle(organisation)}</PageTitle>
            <Text c="dimmed">{TEXTS.setUp.until(timeOf(endsAt))}</Text>
          </div>
          {kinds.includes('sso') && <SetUpSso />}
          {kinds.includes('directory') && (
            <Section title={TEXTS.setUp.kinds.directory[0]}>
              <Text>{TEXTS.setUp.kinds.directory[1]}</Text>
            </Section>
          )}
        </Stack>
      </main>
      <footer className="foot column">{TEXTS.footer}</footer>
    </div>
  );
}
