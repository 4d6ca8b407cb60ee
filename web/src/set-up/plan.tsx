import { Button, Group, Loader, Text, TextInput } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { api, unwrap, type Schemas } from '../api.js';
import { Said } from '../parts/said.js';
import { TEXTS } from '../texts.js';
import { useAction } from '../use-action.js';
import type { Run } from './directory.js';
import { LINES, SET_UP } from './texts.js';

const P = SET_UP.preview;
type Line = Schemas['PlannedChange'];
type Kind = (typeof LINES)[number];

/** A look at first, so that what to press stays near; more with every press. */
const FIRST = 10;
const MORE = 50;
/** Until somebody who types has stopped. */
const TYPING_MS = 250;

/** What a run does or would do, to whom, and why: how many of each kind, and every one of them. */
export function Plan({ run }: { run: Run }): ReactNode {
  const kinds = LINES.filter(({ of }) => run.counts[of] > 0);
  const [kind, setKind] = useState<Kind | null>(null);
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className="plan">
      <Text fw={600}>{P.read(run.counts)}</Text>
      {kinds.length === 0 ? (
        <Text mt="xs">{P.nothing}</Text>
      ) : (
        <>
          <div className="filters" role="group" aria-label={P.filters}>
            <Filter label={P.all} chosen={kind === null} onClick={() => setKind(null)} />
            {kinds.map((each) => (
              <Filter
                key={each.id}
                label={each.label}
                count={run.counts[each.of]}
                chosen={kind === each}
                onClick={() => setKind(each)}
              />
            ))}
          </div>
          <TextInput
            type="search"
            label={P.search}
            name="search"
            autoComplete="off"
            maxLength={200}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Lines key={`${run.id} ${kind?.id ?? ''} ${search}`} {...{ run, kind, search }} />
        </>
      )}
    </div>
  );
}

interface FilterProps {
  label: string;
  count?: number;
  chosen: boolean;
  onClick: () => void;
}

function Filter({ label, count, chosen, onClick }: FilterProps): ReactNode {
  return (
    <button type="button" className="filter" aria-pressed={chosen} onClick={onClick}>
      {label}
      {count !== undefined && <b className="tabular">{count.toLocaleString('en')}</b>}
    </button>
  );
}

function Lines({ run, kind, search }: { run: Run; kind: Kind | null; search: string }): ReactNode {
  const [lines, setLines] = useState<Line[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const read = useAction(async () => {
    const query = {
      limit: lines === null ? FIRST : MORE,
      ...(kind?.by ?? {}),
      ...(search === '' ? {} : { search }),
      ...(next === null ? {} : { cursor: next }),
    };
    const params = { path: { id: run.id }, query };
    const page = unwrap(await api.GET('/api/v1/runs/{id}/plan', { params }));
    setLines((before) => [...(before ?? []), ...page.items]);
    setNext(page.next);
  });
  useEffect(() => read.run(), []);
  return (
    <>
      <ul className="rows lines" aria-label={P.people} aria-busy={read.busy}>
        {lines?.map((line) => (
          <PlanLine key={line.seq} line={line} />
        ))}
      </ul>
      {lines === null && read.busy && <Loader size="sm" aria-label={TEXTS.loading} role="status" />}
      {lines?.length === 0 && (
        <Text size="sm" c="dimmed" role="status">
          {P.none}
        </Text>
      )}
      <Said problem={read.problem} />
      {(next !== null || read.problem !== null) && (
        <Group mt="xs">
          <Button variant="default" size="sm" loading={read.busy} onClick={() => read.run()}>
            {read.problem === null ? P.more : TEXTS.tryAgain}
          </Button>
        </Group>
      )}
    </>
  );
}

function PlanLine({ line }: { line: Line }): ReactNode {
  const what = LINES.find(
    ({ by }) => by.disposition === line.disposition && ('kind' in by ? by.kind === line.kind : true),
  );
  return (
    <li data-line={what?.id}>
      <div>
        <Who label={line.label} />
        <Text size="sm" c="dimmed" className="break">
          {line.reason.text}
        </Text>
        {line.kind === 'update' && <Changed line={line} />}
      </div>
      {what !== undefined && <span className="line-kind">{what.label}</span>}
    </li>
  );
}

/** The name and the address apart, for names are written from either side; whoever has no name has the address alone. */
function Who({ label }: { label: string }): ReactNode {
  const [, name, address] = /^(.+) <([^<>]+)>$/u.exec(label) ?? [null, label, null];
  return (
    <>
      <Text fw={600} className="break">
        <bdi>{name}</bdi>
      </Text>
      {address && (
        <Text size="sm" className="break">
          <bdi>{address}</bdi>
        </Text>
      )}
    </>
  );
}

/** What of a person changes, where it can be read; teams and positions are named by their ids alone. */
function Changed({ line: { before, after } }: { line: Line }): ReactNode {
  const names = Object.keys(after ?? {}).filter((name) => name in FIELDS && before?.[name] !== after?.[name]);
  if (names.length === 0) return null;
  return (
    <Text size="sm" className="break">
      {names.map((name) => `${FIELDS[name]}: ${shown(before?.[name])} → ${shown(after?.[name])}`).join(' · ')}
    </Text>
  );
}

const FIELDS: Readonly<Record<string, string>> = SET_UP.planFields;

function shown(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : P.empty;
}
