import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { TEXTS } from '../texts.js';
import { Frame, PageTitle } from './frame.js';

/** A page that cannot do what it is for, and where to go from it. */
export function DeadEnd({ title, children }: { title: string; children: string }): ReactNode {
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{title}</PageTitle>
        <Text>{children}</Text>
        <Button component="a" href="/sign-in" size="md" fullWidth>
          {TEXTS.backToSignIn}
        </Button>
      </Stack>
    </Frame>
  );
}
