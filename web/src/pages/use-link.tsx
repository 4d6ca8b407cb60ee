import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, unwrap } from '../api.js';
import { takeSecret } from '../fragment.js';
import { goTo } from '../going.js';
import { DeadEnd } from '../parts/dead-end.js';
import { Frame, PageTitle } from '../parts/frame.js';
import { PressOrLeave } from '../parts/press-or-leave.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';

/** Waits for a press: programs that look at the links in a mail open pages, but press nothing. */
export function UseLink(): ReactNode {
  const [token] = useState(takeSecret);
  const use = useAction(async (secret: string) => {
    goTo(unwrap(await api.POST('/api/v1/sign-in/link/use', { body: { token: secret } })).returnTo);
  });
  if (token === null) return <DeadEnd title={TEXTS.useLink.title}>{TEXTS.useLink.missing}</DeadEnd>;
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.useLink.title}</PageTitle>
        {use.problem === null && <Text c="dimmed">{TEXTS.useLink.lead}</Text>}
        <PressOrLeave action={use} secret={token} label={TEXTS.useLink.go} />
      </Stack>
    </Frame>
  );
}
