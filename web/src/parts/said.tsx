import { Alert, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '../api.js';
import { TEXTS } from '../texts.js';

/** What the service said no with; read out at once. */
export function Said({ problem }: { problem: Problem | null }): ReactNode {
  if (problem === null) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      <Text size="sm">{problem.detail}</Text>
      {problem.requestId !== null && problem.status >= 500 && (
        <Text size="xs" c="dimmed" mt={4} className="break">
          {TEXTS.code}: {problem.requestId}
        </Text>
      )}
    </Alert>
  );
}
