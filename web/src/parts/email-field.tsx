import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { TEXTS } from '../texts.js';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether what stands there was sent and is no address. */
  wrong: boolean;
  autoFocus?: boolean;
}

/** The service judges addresses; here only what can be none is seen, before anything is sent. */
export function EmailField({ label, value, onChange, wrong, autoFocus = false }: Props): ReactNode {
  return (
    <TextInput
      label={label}
      type="email"
      name="email"
      size="md"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={320}
      required
      withAsterisk={false}
      data-autofocus={autoFocus}
      autoFocus={autoFocus}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={wrong ? TEXTS.signIn.emailMissing : null}
    />
  );
}

export function mayBeAddress(text: string): boolean {
  return /^\s*\S+@\S+\s*$/u.test(text);
}
