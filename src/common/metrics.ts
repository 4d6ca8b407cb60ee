import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * Where metrics are kept: one registry per application, so that two of them in one process do not meet. Inject it by
 * its class; names begin with `rollcall_`, and no label holds personal data.
 */
export class Metrics extends Registry {
  constructor() {
    super();
    collectDefaultMetrics({ register: this });
  }
}
