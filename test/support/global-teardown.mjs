import './register-typescript.mjs';

export default async function globalTeardown() {
  const { stopServer } = await import('./stop-server.ts');
  await stopServer();
}
