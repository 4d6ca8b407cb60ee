import './register-typescript.mjs';

export default async function globalSetup() {
  const { startServer } = await import('./start-server.ts');
  await startServer();
}
