// Loaded into a program of ours before it begins; at SIGUSR2 it does what PLANTED says, as a fault of ours would.
const faults = {
  rejection: () => void Promise.reject(new Error('planted')),
  exception: () =>
    setImmediate(() => {
      throw new Error('planted');
    }),
  prototype: () => {
    let refused = false;
    try {
      JSON.parse('{"a":1}').__proto__ = { polluted: true };
    } catch {
      refused = true;
    }
    process.stdout.write(`PLANTED ${String({}['__proto__'])} ${String(refused)}\n`);
  },
};
process.on('SIGUSR2', faults[process.env.PLANTED]);
