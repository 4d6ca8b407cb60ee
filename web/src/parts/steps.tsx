import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Copyable } from './copyable.js';

export interface Step {
  title: string;
  text: string;
  /** To copy, by label. */
  values: Readonly<Record<string, string>>;
}

/** What to do in somebody else's console, in order. */
export function Steps({ steps }: { steps: readonly Step[] }): ReactNode {
  return (
    <ol className="steps">
      {steps.map(({ title, text, values }) => (
        <li key={title}>
          <Text fw={600}>{title}</Text>
          <Text size="sm" className="break">
            {text}
          </Text>
          {Object.keys(values).length > 0 && (
            <div className="copyables">
              {Object.entries(values).map(([label, value]) => (
                <Copyable key={label} label={label} value={value} />
              ))}
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
