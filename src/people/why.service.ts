import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import type { WhyQuery, WhyView } from './history.dto.js';
import { PeopleRepository, type ListedPerson } from './people.repository.js';
import { toPersonView } from './people.view.js';
import { RecordsRepository, type LastDecision, type OpenQuestion, type PersonRecord } from './records.repository.js';
import { answerOf } from './why-answer.js';

const Reason = z.looseObject({ code: z.string(), text: z.string() });
const MOST_DECISIONS = 200;

/** Why somebody is here, or not: for any address, whether anybody here has it or not. */
@Injectable()
export class Why {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly records: RecordsRepository,
  ) {}

  /** @throws {RollcallError} `person.address_invalid` */
  ask(organisationId: string, { email, externalId }: WhyQuery): Promise<WhyView> {
    const address = email === undefined ? null : canonicalEmail(email);
    if (email !== undefined && address === null) {
      throw new RollcallError('person.address_invalid', 'This is not an e-mail address that can be used.');
    }
    return this.database.asOrganisation(organisationId, (tx) => this.answer(tx, address, externalId ?? null), {
      readOnly: true,
    });
  }

  private async answer(tx: Tx, address: string | null, externalId: string | null): Promise<WhyView> {
    const named = externalId === null ? [] : await this.records.withExternalId(tx, externalId);
    const linked = named.find((record) => record.personId !== null)?.personId ?? null;
    const person =
      address !== null
        ? await this.people.findByAddress(tx, address)
        : linked === null
          ? null
          : await this.people.find(tx, linked);
    const records = distinct([
      ...named,
      ...(address === null ? [] : await this.records.withAddress(tx, address)),
      ...(person === null ? [] : await this.records.ofPeople(tx, [person.id])),
    ]);
    const people = [
      ...new Set(
        [person?.id, ...records.map((record) => record.personId)].filter((id) => id !== null && id !== undefined),
      ),
    ];
    const ids = records.map((record) => record.externalId);
    const decisions = await this.records.decisions(tx, people, ids, MOST_DECISIONS);
    const questions = await this.records.openQuestions(tx, people, ids);
    return toView(person, records, decisions, questions);
  }
}

function distinct(records: readonly PersonRecord[]): PersonRecord[] {
  return [...new Map(records.map((record) => [`${record.connectionId} ${record.externalId}`, record])).values()];
}

function toView(
  person: ListedPerson | null,
  records: readonly PersonRecord[],
  decisions: readonly LastDecision[],
  questions: readonly OpenQuestion[],
): WhyView {
  const shown = records.map((record) => {
    const said = decisions.find(
      (one) => one.connectionId === record.connectionId && one.externalId === record.externalId,
    );
    return { ...recordView(record), decision: said === undefined ? null : decisionView(said) };
  });
  return {
    answer: answerOf(person, shown, questions),
    person: person === null ? null : toPersonView(person),
    records: shown,
    questions: questions.map((one) => ({ ...one, since: instant(one.since) })),
  };
}

function recordView(record: PersonRecord): Omit<WhyView['records'][number], 'decision'> {
  return {
    connectionId: record.connectionId,
    connection: record.connection,
    externalId: record.externalId,
    personId: record.personId,
    employed: record.employed,
    inScope: record.inScope,
    outOfScopeBecause: record.outOfScopeBecause,
    fault: record.fault,
    observedAt: instant(record.observedAt),
    missingSince: instantOrNull(record.missingSince),
    goneAt: instantOrNull(record.goneAt),
    goneBecause: record.goneBecause,
    settled: record.settled,
  };
}

function decisionView(said: LastDecision): NonNullable<WhyView['records'][number]['decision']> {
  const reason = Reason.safeParse(said.reason);
  return {
    runId: said.runId,
    at: instant(said.at),
    kind: said.kind,
    disposition: said.disposition,
    situation: said.situation,
    reason: reason.success ? { code: reason.data.code, text: reason.data.text } : { code: 'unknown', text: '' },
    result: said.result,
  };
}
