import { Button, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { api, unwrap } from '../api.js';
import { leaveFor } from '../going.js';
import { stepUpByPasskey } from '../passkeys.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { Said } from './said.js';

interface Props {
  opened: boolean;
  ways: { passkey: boolean; provider: boolean };
  onDone: () => void;
  onCancel: () => void;
}

/** what is dangerous waits until somebody has shown once more who they are. */
export function StepUp({ opened, ways, onDone, onCancel }: Props): ReactNode {
  const passkey = useAction(async () => {
    await stepUpByPasskey();
    onDone();
  });
  const provider = useAction(async () => {
    const body = { with: 'provider', returnTo: '/account' } as const;
    const next = unwrap(await api.POST('/api/v1/session/reauthenticate', { body }));
    if (next.next === 'provider') leaveFor(next.url);
  });
  return (
    <Modal
      opened={opened}
      onClose={onCancel}
      title={TEXTS.stepUp.title}
      centered
      closeButtonProps={{ 'aria-label': TEXTS.stepUp.close }}
    >
      <Stack gap="md">
        <Text>{ways.passkey || ways.provider ? TEXTS.stepUp.lead : TEXTS.stepUp.neither}</Text>
        {ways.provider && !ways.passkey && <Text c="dimmed">{TEXTS.stepUp.back}</Text>}
        <Said problem={passkey.problem ?? provider.problem} />
        {ways.passkey && (
          <Button size="md" fullWidth loading={passkey.busy} onClick={() => passkey.run()}>
            {TEXTS.stepUp.passkey}
          </Button>
        )}
        {ways.provider && (
          <Button
            size="md"
            fullWidth
            className="long"
            variant={ways.passkey ? 'default' : 'filled'}
            loading={provider.busy}
            onClick={() => provider.run()}
          >
            {TEXTS.stepUp.provider}
          </Button>
        )}
        <Button variant="subtle" color="gray" fullWidth onClick={onCancel}>
          {TEXTS.stepUp.cancel}
        </Button>
      </Stack>
    </Modal>
  );
}
