import { Button, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Frame, PageTitle } from '../parts/frame.js';
import { SET_UP } from './texts.js';

const T = SET_UP.tabOver;

/** Where a test sign-in comes back to: its own tab, which has done its work. */
export function TabOver(): ReactNode {
  useEffect(() => history.replaceState(null, '', location.pathname), []);
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{T.title}</PageTitle>
        <Text>{T.lead}</Text>
        <Button size="md" fullWidth onClick={() => close()}>
          {T.close}
        </Button>
      </Stack>
    </Frame>
  );
}
