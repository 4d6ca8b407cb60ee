import { Anchor, Button, Loader, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, mayPass, Refused, unwrap, type Schemas } from '../api.js';
import { takeSecret } from '../fragment.js';
import { goTo, leaveFor } from '../going.js';
import { DeadEnd } from '../parts/dead-end.js';
import { Frame, PageTitle } from '../parts/frame.js';
import { Said } from '../parts/said.js';
import { TEXTS } from '../texts.js';
import { type Action, useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { Decline } from './invitation-decline.js';
import { InvitedTo, SignedInElsewhere } from './invitation-parts.js';

type Look = Schemas['InvitationLook'];

const T = TEXTS.invitation;
/** What changed since the page was shown: it is looked at anew, and shows what is to be done now. */
const CHANGED = ['invitation.provider_needed', 'invitation.signed_in_elsewhere'];

/** The link of an invitation. Looking at it uses nothing up: programs that look at links in mails press nothing. */
export function Invitation(): ReactNode {
  const [token] = useState(takeSecret);
  if (token === null) return <DeadEnd title={T.title}>{T.missing}</DeadEnd>;
  return <WithToken token={token} />;
}

function WithToken({ token }: { token: string }): ReactNode {
  const [look, again] = useLoaded(async () => unwrap(await api.POST('/api/v1/invitation/look', { body: { token } })));
  const [declined, setDeclined] = useState(false);
  if (declined) return <DeadEnd title={T.declined}>{T.declinedLead}</DeadEnd>;
  if (look.state === 'loading')
    return (
      <Frame>
        <Loader size="sm" aria-label={TEXTS.loading} role="status" />
      </Frame>
    );
  if (look.state === 'there')
    return <Open {...{ token, again }} look={look.value} onDeclined={() => setDeclined(true)} />;
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{T.title}</PageTitle>
        <Said problem={look.problem} />
        {mayPass(look.problem) ? (
          <Button size="md" fullWidth onClick={again}>
            {TEXTS.tryAgain}
          </Button>
        ) : (
          <>
            <Text c="dimmed">{T.mend}</Text>
            <Button component="a" href="/sign-in" size="md" fullWidth variant="default">
              {TEXTS.backToSignIn}
            </Button>
          </>
        )}
      </Stack>
    </Frame>
  );
}

interface OpenProps {
  token: string;
  look: Look;
  again: () => void;
  onDeclined: () => void;
}

function Open({ token, look, again, onDeclined }: OpenProps): ReactNode {
  const [declining, setDeclining] = useState(false);
  const { signedIn } = look;
  const accept = useAction(async (providerId: string | null) => {
    const how = providerId === null ? { by: 'link' as const } : { by: 'provider' as const, providerId };
    const body = { token, replacing: signedIn?.personId ?? null, ...how };
    try {
      const next = unwrap(await api.POST('/api/v1/invitation/accept', { body }));
      if ('url' in next) leaveFor(next.url);
      else goTo(next.returnTo);
    } catch (thrown) {
      if (thrown instanceof Refused && (CHANGED.includes(thrown.problem.code) || !mayPass(thrown.problem))) again();
      throw thrown;
    }
  });
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{T.titleTo(look.organisation)}</PageTitle>
        <InvitedTo look={look} />
        {signedIn !== null && <SignedInElsewhere {...signedIn} />}
        <Said problem={accept.problem} />
        <Ways {...{ look, accept }} />
        <Anchor component="button" type="button" size="sm" ta="center" py={6} onClick={() => setDeclining(true)}>
          {T.decline}
        </Anchor>
      </Stack>
      <Decline {...{ token, onDeclined }} opened={declining} onKeep={() => setDeclining(false)} />
    </Frame>
  );
}

/** By the company's own sign-in first, where it has one. */
function Ways({ look, accept }: { look: Look; accept: Action<[string | null]> }): ReactNode {
  const { providers, link } = look.ways;
  if (providers.length === 0 && !link) return <Text>{T.none}</Text>;
  const alone = look.signedIn === null ? T.link : T.endAnd;
  return (
    <Stack gap="sm">
      {providers.map(({ id, name }) => (
        <Button key={id} size="md" fullWidth loading={accept.busy} onClick={() => accept.run(id)} className="long">
          {T.with(name)}
        </Button>
      ))}
      {link && (
        <Button
          size="md"
          fullWidth
          loading={accept.busy}
          variant={providers.length === 0 ? 'filled' : 'default'}
          onClick={() => accept.run(null)}
        >
          {providers.length === 0 ? alone : T.linkInstead}
        </Button>
      )}
    </Stack>
  );
}
