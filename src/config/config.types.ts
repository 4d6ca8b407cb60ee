export type { Config } from './config.schema.js';

/** Nest's token for the configuration. */
export const CONFIG = Symbol('config');
