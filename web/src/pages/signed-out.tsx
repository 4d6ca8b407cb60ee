import { Button, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Frame, PageTitle } from '../parts/frame.js';
import { TEXTS } from '../texts.js';

/** The session ended before anybody came here: what a provider adds to the address is neither needed nor believed. */
export function SignedOut(): ReactNode {
  useEffect(() => history.replaceState(null, '', location.pathname), []);
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.signedOut.title}</PageTitle>
        <Text>{TEXTS.signedOut.lead}</Text>
        <Button component="a" href="/sign-in" size="md" fullWidth>
          {TEXTS.signedOut.go}
        </Button>
      </Stack>
    </Frame>
  );
}
