import './styles.js';
import { MantineProvider } from '@mantine/core';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { FaultBoundary } from './parts/fault-boundary.js';
import { nonce } from './page-data.js';
import { theme } from './theme.js';

const root = document.getElementById('root');
if (!root) throw new TypeError('the page has no root');
const ofThisAnswer = nonce();
setNonce(ofThisAnswer);
createRoot(root).render(
  <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => ofThisAnswer}>
    <FaultBoundary>
      <App />
    </FaultBoundary>
  </MantineProvider>,
);
