import { Button, Checkbox, Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useId, useRef, useState } from 'react';
import type { Field, Filled } from './schema.js';
import { SET_UP } from './texts.js';

const T = SET_UP.directory;

/** A key file has some 2 kB. */
const LARGEST_FILE = 16_384;

interface Props {
  fields: readonly Field[];
  filled: Filled;
  onChange: (filled: Filled) => void;
  /** What was found wrong, by name. */
  wrong: Readonly<Record<string, string>>;
  /** Something is stored: secrets may be left empty. */
  stored: boolean;
}

/** The fields of a schema. */
export function FieldInputs({ fields, filled, onChange, wrong, stored }: Props): ReactNode {
  return fields.map((field) => (
    <FieldInput
      key={field.name}
      field={field}
      value={filled[field.name] ?? ''}
      onChange={(value) => onChange({ ...filled, [field.name]: value })}
      error={wrong[field.name] ?? null}
      stored={stored}
    />
  ));
}

interface InputProps {
  field: Field;
  value: string;
  onChange: (value: string) => void;
  error: string | null;
  stored: boolean;
}

function FieldInput({ field, value, onChange, error, stored }: InputProps): ReactNode {
  const { label, hint, kind, name, secret } = field;
  const about = secret ? [kind === 'file' ? null : hint, stored ? T.kept : T.sealed].filter(Boolean).join(' ') : hint;
  if (kind === 'switch')
    return (
      <Checkbox
        size="md"
        label={label}
        checked={value !== ''}
        onChange={(event) => onChange(event.currentTarget.checked ? 'true' : '')}
      />
    );
  if (kind === 'file') return <FileInput {...{ label, value, onChange, error }} about={about ?? ''} />;
  const shared = {
    label,
    description: about,
    name,
    size: 'md',
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    value,
    error,
  } as const;
  if (kind === 'list')
    return (
      <Textarea
        {...shared}
        description={[about, T.oneALine].filter(Boolean).join(' ')}
        rows={field.required ? 3 : 2}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      {...shared}
      type={secret ? 'password' : 'text'}
      maxLength={2_000}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A file that is small and secret: chosen, or pasted. It is read here and goes nowhere before the form is sent. */
function FileInput({
  label,
  about,
  value,
  onChange,
  error,
}: Omit<InputProps, 'field' | 'stored'> & { label: string; about: string }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState<string | null>(null);
  const id = useId();
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    if (file.size > LARGEST_FILE) return setSaid(T.fileTooLarge);
    onChange(await file.text());
    setSaid(T.fileRead(file.name));
  };
  const choice = (
    <div className="file-choice">
      <Button variant="default" size="sm" onClick={() => input.current?.click()} aria-describedby={id}>
        {T.file}
      </Button>
      <Text size="sm" c="dimmed" role="status" id={id} className="break">
        {said}
      </Text>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,application/json"
        aria-label={label}
        onChange={(event) => {
          void take(event.currentTarget.files?.[0]);
          // The same file may be chosen again after it was mended.
          event.currentTarget.value = '';
        }}
      />
    </div>
  );
  return (
    <Textarea
      label={label}
      description={about}
      name="key-file"
      size="md"
      rows={4}
      autoComplete="off"
      spellCheck={false}
      placeholder={T.fileOr}
      classNames={{ input: 'mono secret-text' }}
      inputContainer={(children) => (
        <>
          {choice}
          {children}
        </>
      )}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
