import { Button, Group, Modal, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { leaveFor } from '../going.js';
import { Said } from '../parts/said.js';
import { Section } from '../parts/section.js';
import { useStepUp, type Guarded } from '../parts/use-step-up.js';
import { TEXTS } from '../texts.js';
import { agoOf } from '../times.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { AddPasskeyForm } from './enrol-passkey.js';
import { RenamePasskey } from './rename-passkey.js';

interface Ways {
  passkeys: Schemas['Passkey'][];
  identities: Schemas['OwnIdentities']['items'];
  /** Providers that are switched on and not tied yet. */
  others: Schemas['OwnIdentities']['others'];
}

/** Passkeys and accounts at providers. */
export function WaysToSignIn(): ReactNode {
  const [ways, again] = useLoaded(ownWays);
  const [adding, setAdding] = useState(false);
  const there = ways.state === 'there' ? ways.value : { passkeys: [], identities: [], others: [] };
  const { guarded, dialog } = useStepUp({
    passkey: there.passkeys.length > 0,
    provider: there.identities.some(({ stepsUp }) => stepsUp),
  });
  const none = there.passkeys.length + there.identities.length === 0;
  return (
    <Section title={TEXTS.account.ways}>
      <Said problem={ways.state === 'failed' ? ways.problem : null} />
      {ways.state === 'there' && none && (
        <Text size="sm" c="dimmed" my="xs">
          {TEXTS.account.noWays}
        </Text>
      )}
      <ul className="rows">
        {there.identities.map((identity) => (
          <IdentityRow key={identity.providerId} {...{ identity, guarded, again }} />
        ))}
        {there.passkeys.map((passkey) => (
          <PasskeyRow key={passkey.id} {...{ passkey, guarded, again }} />
        ))}
      </ul>
      <Group gap="xs" mt="xs">
        {ways.state === 'there' && (
          <Button variant="default" size="sm" onClick={() => setAdding(true)}>
            {TEXTS.passkey.go}
          </Button>
        )}
        {there.others.map(({ id, name }) => (
          <Connect key={id} {...{ id, name, guarded }} />
        ))}
      </Group>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={TEXTS.passkey.title}
        centered
        closeButtonProps={{ 'aria-label': TEXTS.stepUp.close }}
      >
        <AddPasskeyForm
          guarded={guarded}
          onDone={() => {
            setAdding(false);
            again();
          }}
        />
      </Modal>
      {dialog}
    </Section>
  );
}

async function ownWays(): Promise<Ways> {
  const [passkeys, { items: identities, others }] = await Promise.all([
    api.GET('/api/v1/me/passkeys').then(unwrap),
    api.GET('/api/v1/me/identities').then(unwrap),
  ]);
  return { passkeys: passkeys.items, identities, others };
}

interface RowProps {
  name: string;
  detail: string;
  remove: () => Promise<void>;
  /** What else can be done with it. */
  more?: ReactNode;
}

function Row({ name, detail, remove, more, guarded }: RowProps & Pick<Guarded, 'guarded'>): ReactNode {
  const action = useAction(() => guarded(remove));
  return (
    <li>
      <div>
        <Text fw={600} className="break">
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          {detail}
        </Text>
        <Said problem={action.problem} />
      </div>
      {more}
      <Button
        variant="default"
        size="xs"
        // Not switched off meanwhile: a dialog that asks first gives the focus back to it.
        onClick={() => action.run()}
        aria-label={TEXTS.account.removeNamed(name)}
      >
        {TEXTS.account.remove}
      </Button>
    </li>
  );
}

type Of<T> = T & Pick<Guarded, 'guarded'> & { again: () => void };

function PasskeyRow({ passkey, guarded, again }: Of<{ passkey: Ways['passkeys'][number] }>): ReactNode {
  const { id, name, createdAt, lastUsedAt, backedUp } = passkey;
  const remove = async (): Promise<void> => {
    unwrap(await api.DELETE('/api/v1/me/passkeys/{id}', { params: { path: { id } } }));
    again();
  };
  const used = lastUsedAt === null ? TEXTS.account.neverUsed : TEXTS.account.used(agoOf(lastUsedAt));
  const detail = [
    TEXTS.account.passkey,
    TEXTS.account.added(agoOf(createdAt)),
    used,
    ...(backedUp ? [TEXTS.account.backedUp] : []),
  ];
  return (
    <Row {...{ name, remove, guarded }} detail={detail.join(' · ')} more={<RenamePasskey {...{ id, name, again }} />} />
  );
}

function IdentityRow({ identity, guarded, again }: Of<{ identity: Ways['identities'][number] }>): ReactNode {
  const { providerId, providerName, linkedAt, lastUsedAt, usable } = identity;
  const remove = async (): Promise<void> => {
    unwrap(await api.DELETE('/api/v1/me/identities/{providerId}', { params: { path: { providerId } } }));
    again();
  };
  const said = [TEXTS.account.added(agoOf(linkedAt)), TEXTS.account.used(agoOf(lastUsedAt))];
  const detail = [...said, ...(usable ? [] : [TEXTS.account.off])].join(' · ');
  return <Row {...{ name: providerName, detail, remove, guarded }} />;
}

function Connect({ id, name, guarded }: { id: string; name: string } & Pick<Guarded, 'guarded'>): ReactNode {
  const tie = useAction(() =>
    guarded(async () => {
      const body = { providerId: id, returnTo: '/account' };
      leaveFor(unwrap(await api.POST('/api/v1/me/identities', { body })).url);
    }),
  );
  return (
    <div>
      <Button variant="default" size="sm" onClick={() => tie.run()} className="long">
        {TEXTS.account.connect(name)}
      </Button>
      <Said problem={tie.problem} />
    </div>
  );
}
