import type { Operation } from './operations.js';
import type { Api, TestOrganisation, TestService } from './service.js';

/** Asks as whoever may use a route: a key, somebody who is signed in, an operator, or a browser that nobody knows. */
export type Entitled = (operation: Pick<Operation, 'scope' | 'operator' | 'signedIn'>) => Api;

/** One caller of each kind for all routes; a route that ends its own session is for a caller of its own. */
export async function entitled(
  service: TestService,
  organisation: Pick<TestOrganisation, 'id' | 'api'>,
): Promise<Entitled> {
  const person = await service.session({ organisationId: organisation.id });
  const operator = await service.operator();
  const stranger = service.browser('');
  return ({ scope, signedIn, operator: permission }) => {
    if (scope !== null) return organisation.api;
    if (permission !== null) return operator.api;
    return signedIn ? person.api : stranger;
  };
}
