import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Frame, PageTitle } from '../parts/frame.js';
import { TEXTS } from '../texts.js';

/** The same for every address, whether anybody has it or not. */
export function LinkSent({ email, onOther }: { email: string; onOther: () => void }): ReactNode {
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.linkSent.title}</PageTitle>
        <Text className="break">{TEXTS.linkSent.lead(email)}</Text>
        <Text>{TEXTS.linkSent.rules}</Text>
        <Text size="sm" c="dimmed">
          {TEXTS.linkSent.nothing}
        </Text>
        <Button variant="default" size="md" fullWidth onClick={onOther}>
          {TEXTS.linkSent.other}
        </Button>
      </Stack>
    </Frame>
  );
}
