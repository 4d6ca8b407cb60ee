/**
 * A company, and servers that serve it as Okta and as Google Workspace do. For tests, benchmark and demo; shares no
 * code with the service, so that the two cannot share a misreading.
 *
 * ```ts
 * const clock = new ManualClock(); // leave out for the system's clock, which real SDKs need for their tokens
 * const company = makeCompany({ people: 300, seed: 7 });
 * await using okta = await serveOkta(company); // or serveGoogle(company); both may serve one company
 * okta.url; okta.tokenUrl; okta.credentials; // apiToken, clientId + privateJwk/privatePem; keyFile + subject
 *
 * company.leave(3); // three at random (never person 0, the admin); or exactly these: company.leave([ana, ben])
 * company.marry(company.person(12)); company.exchangeAddresses(a, b, c); company.live(seed, 50); // see company/*.ts
 * expected(company, { provider: 'okta', kind: 'groups', of: ['Design'] }); // who has to be active after a sync
 *
 * okta.faults.add({ route: 'users.list', page: 'middle', times: 2, do: { kind: 'status', status: 503 } });
 * okta.settings.searchLagMs = 60_000; okta.tokenRole.logs = false; okta.app.scopes.pop(); okta.setLatency(100);
 * okta.requests.count('users.get'); okta.requests.entries; okta.requests.maxInFlight; okta.stranger.seen;
 * for (const row of FAULT_ROWS) row.inject({ server: okta, company, provider: 'okta' }, 'last');
 * ```
 *
 * Scopes are named as the company names things (`'Design'`, `/Employees/Sales`); `okta.ids` and `google.ids` give the
 * provider's ids. In a process of its own: `node test/simulators/serve.ts --help`.
 */
export { Company, type Churn } from './company/company.ts';
export { ManualClock, systemClock, type Clock } from './company/clock.ts';
export {
  expected,
  externalId,
  verdict,
  type ExpectedPerson,
  type ExpectedScope,
  type Verdict,
} from './company/expected.ts';
export { makeCompany, type CompanyOptions } from './company/make-company.ts';
export type { Group, Happening, Person, PersonState, Unit } from './company/model.ts';
export { Random } from './company/random.ts';
export { DEPARTMENTS, ODD_TITLES, TITLES } from './company/work.ts';
export type { Fault, FaultAction, Garbling, PagePosition } from './faults/model.ts';
export { FAULT_ROWS, type FaultOutcome, type FaultRow, type FaultTarget } from './faults/catalogue.ts';
export { FaultScript } from './faults/script.ts';
export { serveGoogle, type GoogleOptions, type GoogleSimulator } from './google/google-server.ts';
export { GOOGLE_SCOPES, type GoogleSettings, type ServiceAccount } from './google/settings.ts';
export type { Answer, Route } from './http/answer.ts';
export type { RequestLog } from './http/request-log.ts';
export { serveOkta, type OktaOptions, type OktaSimulator } from './okta/okta-server.ts';
export { OKTA_SCOPES, type OktaSettings, type Role, type ServiceApp } from './okta/settings.ts';
