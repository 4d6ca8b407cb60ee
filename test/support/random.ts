import fc from 'fast-check';

/**
 * Random tests draw the same cases every time, so that a run says something of the change and nothing of luck.
 * TEST_SEED=random, or a number, draws others: what such a hunt finds becomes a test of its own.
 */
const seed = process.env['TEST_SEED'] ?? '20261122';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
