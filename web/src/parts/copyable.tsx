import { Button, CopyButton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { TEXTS } from '../texts.js';

/** Beyond this a value stands below its button. */
const LONG = 120;

/** A value that goes somewhere else as it is. */
export function Copyable({ label, value }: { label: string; value: string }): ReactNode {
  return (
    <div className="copyable" data-long={value.length > LONG}>
      <div>
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        <Text size="sm" className="mono break copyable-value">
          {value}
        </Text>
      </div>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            size="compact-sm"
            onClick={copy}
            className="fixed"
            aria-label={TEXTS.copyNamed(label)}
          >
            {copied ? TEXTS.refused.copied : TEXTS.refused.copy}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
