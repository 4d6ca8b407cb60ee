import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap } from '../api.js';
import { Said } from '../parts/said.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';

interface Props {
  id: string;
  name: string;
  again: () => void;
}

/** Another name for a passkey, so that its owner knows which device it is of. */
export function RenamePasskey({ id, name, again }: Props): ReactNode {
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState(name);
  const save = useAction(async () => {
    const params = { path: { id } };
    unwrap(await api.PATCH('/api/v1/me/passkeys/{id}', { params, body: { name: typed.trim() } }));
    setOpened(false);
    again();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed.trim() !== '') save.run();
  };
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={TEXTS.account.renameNamed(name)}
        onClick={() => {
          setTyped(name);
          save.forget();
          setOpened(true);
        }}
      >
        {TEXTS.account.rename}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={TEXTS.account.renameTitle}
        centered
        closeButtonProps={{ 'aria-label': TEXTS.stepUp.close }}
      >
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            <TextInput
              label={TEXTS.passkey.name}
              description={TEXTS.passkey.nameHint}
              name="passkey-name"
              size="md"
              autoComplete="off"
              maxLength={60}
              data-autofocus
              value={typed}
              error={typed.trim() === '' ? TEXTS.passkey.nameMissing : null}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <Said problem={save.problem} />
            <Button type="submit" size="md" fullWidth loading={save.busy}>
              {TEXTS.account.save}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
