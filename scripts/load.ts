import { parseArgs } from 'node:util';
import { measureNodes } from './load/nodes.ts';
import { measureRequests } from './load/requests.ts';

/**
 * `npm run load`: what the control server does in a second. With `--nodes N`: N hubs and their browsers on one Headscale,
 * then 50 browsers with 8 units each that start at once.
 */
const { values } = parseArgs({ options: { nodes: { type: 'string' } } });
const HUBS_OF_ACCOUNT = 10;
/** Two heartbeats of each hub. */
const IDLE_MS = 30_000;

if (values.nodes === undefined) await measureRequests();
else {
  const nodes = Number(values.nodes);
  if (!Number.isSafeInteger(nodes) || nodes < HUBS_OF_ACCOUNT || nodes % HUBS_OF_ACCOUNT !== 0)
    throw new Error(`--nodes: expected a multiple of ${HUBS_OF_ACCOUNT}, got ${values.nodes}`);
  const { strangers } = await measureNodes({
    accounts: nodes / HUBS_OF_ACCOUNT,
    hubs: HUBS_OF_ACCOUNT,
    browsers: 50,
    units: 8,
    idleMs: IDLE_MS,
    say: console.log,
  });
  if (strangers.length > 0) throw new Error(`seen by others:\n${strangers.join('\n')}`);
  console.log('No node had one of another unit in its map.');
}
