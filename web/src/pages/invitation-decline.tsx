import { Button, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { api, unwrap } from '../api.js';
import { Said } from '../parts/said.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';

const T = TEXTS.invitation;

interface Props {
  token: string;
  opened: boolean;
  onDeclined: () => void;
  onKeep: () => void;
}

/** Asked once more: the link is dead after it. */
export function Decline({ token, opened, onDeclined, onKeep }: Props): ReactNode {
  const decline = useAction(async () => {
    unwrap(await api.POST('/api/v1/invitation/decline', { body: { token } }));
    onDeclined();
  });
  return (
    <Modal
      opened={opened}
      onClose={onKeep}
      title={T.declineTitle}
      centered
      closeButtonProps={{ 'aria-label': TEXTS.stepUp.close }}
    >
      <Stack gap="md">
        <Text>{T.declineLead}</Text>
        <Said problem={decline.problem} />
        <Button size="md" fullWidth loading={decline.busy} onClick={() => decline.run()}>
          {T.declineGo}
        </Button>
        <Button variant="default" fullWidth onClick={onKeep}>
          {T.keep}
        </Button>
      </Stack>
    </Modal>
  );
}
