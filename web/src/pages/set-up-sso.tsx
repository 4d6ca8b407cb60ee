import { Button, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Said } from '../parts/said.js';
import { Section } from '../parts/section.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { useLoaded } from '../use-loaded.js';
import { SetUpProvider } from './set-up-provider.js';

type Preset = Schemas['SignInPresets']['items'][number];

/** Single sign-on: the providers made so far, or the first one. */
export function SetUpSso(): ReactNode {
  const [providers, again] = useLoaded(async () => unwrap(await api.GET('/api/v1/identity-providers')).items);
  const [presets] = useLoaded(async () => unwrap(await api.GET('/api/v1/sign-in-presets')).items);
  const problem = [providers, presets].flatMap((each) => (each.state === 'failed' ? [each.problem] : []))[0] ?? null;
  const there = providers.state === 'there' ? providers.value : null;
  return (
    <>
      <Said problem={problem} />
      {there?.map((provider) => (
        <SetUpProvider key={provider.id} {...{ provider, again }} />
      ))}
      {there?.length === 0 && presets.state === 'there' && <NewProvider presets={presets.value} onMade={again} />}
    </>
  );
}

interface Filled {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
}
const EMPTY: Filled = { name: '', issuer: '', clientId: '', clientSecret: '' };

function NewProvider({ presets, onMade }: { presets: Preset[]; onMade: () => void }): ReactNode {
  const [chosen, setChosen] = useState(presets[0]?.preset ?? '');
  const [filled, setFilled] = useState(EMPTY);
  const [sent, setSent] = useState(false);
  const preset = presets.find((each) => each.preset === chosen);
  const asked = preset?.issuer === null;
  const needed = (['name', ...(asked ? ['issuer'] : []), 'clientId', 'clientSecret'] as (keyof Filled)[]).filter(
    (field) => filled[field].trim() === '',
  );
  const make = useAction(async () => {
    const { name, issuer, clientId, clientSecret } = filled;
    const own = { preset: chosen, name: name.trim(), clientId: clientId.trim(), clientSecret: clientSecret.trim() };
    const body = asked ? { ...own, issuer: issuer.trim() } : own;
    unwrap(await api.POST('/api/v1/identity-providers', { body }));
    onMade();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    if (needed.length === 0) make.run();
  };
  const field = (name: keyof Filled, hint: string | null, type = 'text'): ReactNode => (
    <TextInput
      {...{ label: TEXTS.setUp.fields[name], name, type, size: 'md', maxLength: 2_000, autoComplete: 'off' }}
      description={hint}
      required
      withAsterisk={false}
      spellCheck={false}
      value={filled[name]}
      onChange={({ currentTarget: { value } }) => setFilled((before) => ({ ...before, [name]: value }))}
      error={sent && needed.includes(name) ? TEXTS.setUp.needed : null}
    />
  );
  return (
    <Section title={TEXTS.setUp.kinds.sso[0]}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Text c="dimmed">{TEXTS.setUp.kinds.sso[1]}</Text>
          <NativeSelect
            label={TEXTS.setUp.preset}
            size="md"
            value={chosen}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={presets.map(({ preset: value, title }) => ({ value, label: title }))}
          />
          {field('name', TEXTS.setUp.nameHint)}
          {asked && field('issuer', preset?.issuerHint ?? null)}
          {field('clientId', TEXTS.setUp.clientHint)}
          {field('clientSecret', TEXTS.setUp.secretHint, 'password')}
          <Said problem={make.problem} />
          <Button type="submit" size="md" loading={make.busy}>
            {TEXTS.setUp.save}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
