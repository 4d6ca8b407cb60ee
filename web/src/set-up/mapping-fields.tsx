import { SimpleGrid, Text, TextInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { api, type Schemas } from '../api.js';
import { SET_UP } from './texts.js';

const T = SET_UP.directory;
type Mapping = Schemas['Connection']['settings']['mapping'];

interface Props {
  id: string;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
  wrong: Readonly<Record<string, string>>;
}

/** Which attribute of the directory fills which field. What the directory has is offered while it is typed, as soon as it is known. */
export function MappingFields({ id, mapping, onChange, wrong }: Props): ReactNode {
  const [paths, setPaths] = useState<{ path: string; label: string }[] | null>(null);
  const list = useId();
  const names = Object.keys(T.mappingFields).filter((name) => name in mapping);
  const offer = async (): Promise<void> => {
    if (paths !== null) return;
    const { data } = await api
      .POST('/api/v1/connections/{id}/attributes', { params: { path: { id } }, body: {} })
      .catch(() => ({ data: undefined }));
    // Names can be typed without being offered.
    setPaths(data?.items ?? []);
  };
  return (
    <details className="fold" onToggle={(event) => event.currentTarget.open && void offer()}>
      <summary>{T.mapping}</summary>
      <Text size="sm" c="dimmed" my="xs">
        {T.mappingLead}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        {names.map((name) => (
          <TextInput
            key={name}
            label={T.mappingFields[name]}
            name={name}
            list={list}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            classNames={{ input: 'mono' }}
            value={typeof mapping[name] === 'string' ? mapping[name] : ''}
            error={wrong[name] ?? null}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...mapping, [name]: value.trim() === '' && name !== 'email' ? null : value })
            }
          />
        ))}
      </SimpleGrid>
      <datalist id={list}>
        {paths?.map(({ path, label }) => (
          <option key={path} value={path}>
            {label}
          </option>
        ))}
      </datalist>
    </details>
  );
}
