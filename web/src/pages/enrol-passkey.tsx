import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Frame, PageTitle } from '../parts/frame.js';
import { Said } from '../parts/said.js';
import type { Guarded } from '../parts/use-step-up.js';
import { addPasskey } from '../passkeys.js';
import { signOut } from '../signing-out.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { useWrongFocus } from '../use-wrong-focus.js';

/** an admin or operator who came by a link can do nothing but this. */
export function EnrolPasskey({ onDone }: { onDone: () => void }): ReactNode {
  const leave = useAction(signOut);
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.passkey.title}</PageTitle>
        <Text c="dimmed">{TEXTS.passkey.lead}</Text>
        <AddPasskeyForm onDone={onDone} />
        <Said problem={leave.problem} />
        <Anchor component="button" type="button" size="sm" ta="center" py={6} onClick={() => leave.run()}>
          {TEXTS.account.signOut}
        </Anchor>
      </Stack>
    </Frame>
  );
}

interface FormProps {
  onDone: () => void;
  /** Around what is sent, where the session may have to be renewed first. */
  guarded?: Guarded['guarded'];
}

export function AddPasskeyForm({ onDone, guarded = (doIt) => doIt() }: FormProps): ReactNode {
  const [name, setName] = useState('');
  const [sent, setSent] = useState(false);
  const add = useAction(() =>
    guarded(async () => {
      await addPasskey(name.trim());
      onDone();
    }),
  );
  const [form, wrongNow] = useWrongFocus(add.problem);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    if (name.trim() !== '') add.run();
    else wrongNow();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={TEXTS.passkey.name}
          description={TEXTS.passkey.nameHint}
          name="passkey-name"
          autoComplete="off"
          size="md"
          maxLength={60}
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={sent && name.trim() === '' ? TEXTS.passkey.nameMissing : null}
        />
        <Said problem={add.problem} />
        <Button type="submit" size="md" fullWidth loading={add.busy}>
          {TEXTS.passkey.go}
        </Button>
      </Stack>
    </form>
  );
}
