import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * For `npm run web:dev`: the service behind it. It must take this server for itself, or it refuses what comes from here:
 * start it with ROLLCALL_SERVER_PUBLIC_URL=http://localhost:5173.
 */
const SERVICE = process.env['ROLLCALL_WEB_SERVICE'] ?? 'http://localhost:3000';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The service writes its own nonce into every answer in place of this.
  html: { cspNonce: '__CSP_NONCE__' },
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: '../dist/pages',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // A policy that forbids data: for everything but pictures is broken by what is written into the page.
    assetsInlineLimit: 0,
    rolldownOptions: {
      onLog: (level, log, next) => {
        // A mark for frameworks that render on a server; there is none here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log);
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': SERVICE, '/sign-in/callback': SERVICE, '/sign-in/initiate': SERVICE },
  },
});
