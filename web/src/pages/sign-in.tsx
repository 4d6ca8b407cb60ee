import { Anchor, Button, Divider, Stack, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { goTo, leaveFor, wantedPlace } from '../going.js';
import { EmailField, mayBeAddress } from '../parts/email-field.js';
import { Frame, PageTitle } from '../parts/frame.js';
import { Said } from '../parts/said.js';
import { signInByPasskey } from '../passkeys.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { LinkSent } from './link-sent.js';

type Place = Schemas['SignInPlace'];
const NOWHERE: Place = { name: null, providers: [] };

/** @param slug Short name of the organisation whose own page this is; null on the page for everybody. */
export function SignIn({ slug }: { slug: string | null }): ReactNode {
  const [place] = useLoaded(() => placeOf(slug));
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [email, setEmail] = useState('');
  const [other, setOther] = useState(false);
  if (sentTo !== null) return <LinkSent email={sentTo} onOther={() => setSentTo(null)} />;
  // Nobody waits for a name: until it is known, and when it cannot be had, the page is the one for everybody.
  if (place.state === 'loading' && slug !== null) return <Frame>{null}</Frame>;
  const there = place.state === 'there' ? place.value : NOWHERE;
  const short = there.providers.length > 0 && !other;
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{there.name === null ? TEXTS.signIn.title : TEXTS.signIn.titleAt(there.name)}</PageTitle>
        {slug !== null && short && (
          <>
            <Text c="dimmed">{TEXTS.signIn.leadAt}</Text>
            <Providers slug={slug} providers={there.providers} />
            <Anchor component="button" type="button" size="sm" ta="center" py={6} onClick={() => setOther(true)}>
              {TEXTS.signIn.other}
            </Anchor>
          </>
        )}
        {!short && <ByAddress {...{ slug, email, setEmail }} onSent={() => setSentTo(email.trim())} />}
      </Stack>
    </Frame>
  );
}

async function placeOf(slug: string | null): Promise<Place> {
  if (slug === null) return NOWHERE;
  return unwrap(await api.GET('/api/v1/sign-in/places/{slug}', { params: { path: { slug } } }));
}

function Providers({ slug, providers }: { slug: string; providers: Place['providers'] }): ReactNode {
  const go = useAction(async (providerId: string) => {
    const body = { slug, providerId, ...wantedPlace() };
    leaveFor(unwrap(await api.POST('/api/v1/sign-in/provider', { body })).url);
  });
  return (
    <Stack gap="sm">
      {providers.map(({ id, name }) => (
        <Button key={id} size="md" fullWidth loading={go.busy} onClick={() => go.run(id)} className="long">
          {TEXTS.signIn.with(name)}
        </Button>
      ))}
      <Said problem={go.problem} />
    </Stack>
  );
}

interface ByAddressProps {
  slug: string | null;
  email: string;
  setEmail: (email: string) => void;
  onSent: () => void;
}

function ByAddress({ slug, email, setEmail, onSent }: ByAddressProps): ReactNode {
  const [wrong, setWrong] = useState(false);
  const start = useAction(async () => {
    const body = { email, ...wantedPlace(), ...(slug === null ? {} : { slug }) };
    const next = unwrap(await api.POST('/api/v1/sign-in/start', { body }));
    if (next.next === 'provider') leaveFor(next.url);
    else onSent();
  });
  const link = useAction(async () => {
    unwrap(await api.POST('/api/v1/sign-in/link', { body: { email, ...wantedPlace() } }));
    onSent();
  });
  const passkey = useAction(async () => goTo(await signInByPasskey(wantedPlace())));
  const ifAddress = (run: () => void): void => {
    [start, link, passkey].forEach(({ forget }) => forget());
    setWrong(!mayBeAddress(email));
    if (mayBeAddress(email)) run();
    else document.querySelector<HTMLInputElement>('input[name=email]')?.focus();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ifAddress(start.run);
  };
  return (
    <>
      <Text c="dimmed">{TEXTS.signIn.lead}</Text>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <EmailField {...{ label: TEXTS.signIn.email, value: email, onChange: setEmail, wrong }} autoFocus />
          <Said problem={start.problem ?? link.problem} />
          <Button type="submit" size="md" fullWidth loading={start.busy}>
            {TEXTS.signIn.go}
          </Button>
        </Stack>
      </form>
      <Divider label={TEXTS.signIn.or} />
      <Stack gap="sm">
        <Said problem={passkey.problem} />
        <Button variant="default" size="md" fullWidth loading={passkey.busy} onClick={() => passkey.run()}>
          {TEXTS.signIn.passkey}
        </Button>
        <Anchor component="button" type="button" size="sm" ta="center" py={6} onClick={() => ifAddress(link.run)}>
          {TEXTS.signIn.link}
        </Anchor>
      </Stack>
    </>
  );
}
