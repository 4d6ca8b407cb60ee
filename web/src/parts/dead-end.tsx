import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { TEXTS } from '../texts.js';
import { Frame, PageTitle } from './frame.js';

interface Props {
  title: string;
  children: string;
  /** What to do, for whom the sign-in is of no use. */
  mend?: string;
}

/** A page that cannot do what it is for, and where to go from it. */
export function DeadEnd({ title, children, mend }: Props): ReactNode {
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{title}</PageTitle>
        <Text>{children}</Text>
        {mend === undefined ? (
          <Button component="a" href="/sign-in" size="md" fullWidth>
            {TEXTS.backToSignIn}
          </Button>
        ) : (
          <Text>{mend}</Text>
        )}
      </Stack>
    </Frame>
  );
}
