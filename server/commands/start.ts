import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { mergeSettings, readSettings } from '../config-sources.ts';
import type { ConfigInput } from '../config.ts';
import { startServer, type RunningServer } from '../start.ts';
import { dataDirectory } from './data-option.ts';
import { setupUrl } from './setup-url.ts';

const OPTIONS = {
  data: { type: 'string' },
  listen: { type: 'string' },
  'public-url': { type: 'string' },
  'behind-proxy': { type: 'string' },
  'headscale-binary': { type: 'string' },
  'headscale-listen': { type: 'string' },
  'headscale-public-url': { type: 'string' },
  'relay-listen': { type: 'string' },
  'headscale-url': { type: 'string' },
  'headscale-api-key-file': { type: 'string' },
} as const;

/** `start`: runs until SIGTERM or SIGINT. */
export async function startCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const dataDir = dataDirectory(values.data);
  const options = {
    ...defined({
      listen: values.listen,
      publicUrl: values['public-url'],
      behindProxy: values['behind-proxy']?.split(','),
    }),
    ...(values['relay-listen'] === undefined ? {} : { relay: { listen: values['relay-listen'] } }),
    headscale: defined({
      binary: values['headscale-binary'],
      listen: values['headscale-listen'],
      publicUrl: values['headscale-public-url'],
      url: values['headscale-url'],
      apiKeyFile: values['headscale-api-key-file'],
    }),
  };
  // Checked by startServer, as all of it.
  const config = mergeSettings(readSettings(dataDir), options) as ConfigInput;
  // Heard from now on: a signal during the start must not leave a Headscale behind.
  const stopSignal = new AbortController();
  const signalled = Promise.race([
    once(process, 'SIGTERM', { signal: stopSignal.signal }),
    once(process, 'SIGINT', { signal: stopSignal.signal }),
  ]);
  signalled.catch(() => {}); // Aborted below when the start fails.
  try {
    const server = await startServer(config);
    process.stdout.write(await welcome(server, dataDir));
    await signalled;
    process.stdout.write('Stopping.\n');
    await server.stop();
    return 0;
  } finally {
    stopSignal.abort();
  }
}

async function welcome(server: RunningServer, dataDir: string): Promise<string> {
  const { services, config } = server.internals;
  const state = services.gate.state;
  const headscale = state.kind === 'open' ? server.headscaleUrl : `not ready: ${state.reason}`;
  const lines = [
    'Hubtab server is running.',
    `  address    ${config.publicUrl ?? server.url}`,
    `  headscale  ${headscale}`,
    `  data       ${dataDir}`,
  ];
  const token = await services.invitations.createSetupToken();
  if (token !== undefined) {
    lines.push('', 'First admin (one use, 30 min):', `  ${setupUrl(services.publicUrl, token)}`);
  }
  return `${lines.join('\n')}\n`;
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<T>; // the same keys, fewer of them
}
