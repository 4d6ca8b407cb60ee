import { Alert, Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Said } from '../parts/said.js';
import { TEXTS } from '../texts.js';
import { timeOf } from '../times.js';
import { useAction } from '../use-action.js';

type Support = NonNullable<Extract<Schemas['Session'], { signedIn: true }>['support']>;

/** T-13: an operator sees at any time that they are in somebody else's organisation, and can leave it. */
export function SupportNotice({ support, onLeft }: { support: Support; onLeft: () => void }): ReactNode {
  const leave = useAction(async () => {
    unwrap(await api.DELETE('/api/v1/operator/support'));
    onLeft();
  });
  return (
    <Alert color="yellow" variant="light" title={TEXTS.account.supportTitle(support.organisationName)}>
      <Text size="sm">{TEXTS.account.support(timeOf(support.endsAt))}</Text>
      <Text size="sm" className="break" dir="auto" mt={4}>
        {support.reason}
      </Text>
      <Said problem={leave.problem} />
      <Group mt="sm">
        <Button variant="default" size="sm" loading={leave.busy} onClick={() => leave.run()}>
          {TEXTS.account.leaveSupport}
        </Button>
      </Group>
    </Alert>
  );
}
