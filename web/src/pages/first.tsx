import { Button, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api, unwrap } from '../api.js';
import { takeSecret } from '../fragment.js';
import { goTo } from '../going.js';
import { DeadEnd } from '../parts/dead-end.js';
import { EmailField, mayBeAddress } from '../parts/email-field.js';
import { Frame, PageTitle } from '../parts/frame.js';
import { Said } from '../parts/said.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import { useWrongFocus } from '../use-wrong-focus.js';

/** whoever has the link that the service printed at its first start makes themselves its operator. */
export function First(): ReactNode {
  const [token] = useState(takeSecret);
  const [filled, setFilled] = useState({ firstName: '', lastName: '', email: '' });
  const [sent, setSent] = useState(false);
  const make = useAction(async (secret: string) => {
    goTo(unwrap(await api.POST('/api/v1/sign-in/first', { body: { token: secret, ...filled } })).returnTo);
  });
  const [form, wrongNow] = useWrongFocus(make.problem);
  if (token === null) return <DeadEnd title={TEXTS.first.title}>{TEXTS.first.missing}</DeadEnd>;
  const missing = (name: 'firstName' | 'lastName'): boolean => sent && filled[name].trim() === '';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    const whole = filled.firstName.trim() !== '' && filled.lastName.trim() !== '' && mayBeAddress(filled.email);
    if (whole) make.run(token);
    else wrongNow();
  };
  const field = (name: 'firstName' | 'lastName', autoComplete: string): ReactNode => (
    <TextInput
      {...{ label: TEXTS.first[name], name, autoComplete, size: 'md', maxLength: 100, required: true }}
      withAsterisk={false}
      value={filled[name]}
      onChange={({ currentTarget: { value } }) => setFilled((before) => ({ ...before, [name]: value }))}
      error={missing(name) ? TEXTS.first.nameMissing : null}
    />
  );
  return (
    <Frame>
      <Stack gap="lg">
        <PageTitle>{TEXTS.first.title}</PageTitle>
        <Text c="dimmed">{TEXTS.first.lead}</Text>
        <form ref={form} onSubmit={submit} noValidate>
          <Stack gap="md">
            <SimpleGrid cols={2} spacing="md">
              {field('firstName', 'given-name')}
              {field('lastName', 'family-name')}
            </SimpleGrid>
            <EmailField
              label={TEXTS.first.email}
              value={filled.email}
              onChange={(email) => setFilled((before) => ({ ...before, email }))}
              wrong={sent && !mayBeAddress(filled.email)}
            />
            <Said problem={make.problem} />
            <Button type="submit" size="md" fullWidth loading={make.busy}>
              {TEXTS.first.go}
            </Button>
          </Stack>
        </form>
      </Stack>
    </Frame>
  );
}
