import { createInterface } from 'node:readline';
import { type RigClient, startProviderRig } from '../test/support/provider-rig.ts';

/** The certified provider in a process of its own: says where it is, and takes where it sends people back to. */
const rig = await startProviderRig((sub) => ({
  sub,
  email: `${sub}@bench.example`,
  given_name: 'Bench',
  family_name: sub,
}));
const { issuer, clientId, clientSecret } = rig;
console.log(JSON.stringify({ issuer, clientId, clientSecret }));
for await (const line of createInterface({ input: process.stdin })) {
  rig.register(JSON.parse(line) as RigClient);
  console.log('registered');
}
await rig[Symbol.asyncDispose]();
