import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startLoadServer } from './load-server.ts';
import { askForKeys, askHeadscaleForKeys, listHubs, type Figures } from './measure.ts';

const ACCOUNTS = 40;
/** Of each measurement. */
const SECONDS = 10;

/** What the control server does in a second, with its Headscale in the loop, beside Headscale alone. */
export async function measureRequests(): Promise<void> {
  const loaded = await startLoadServer(ACCOUNTS);
  try {
    const { dataDir } = loaded.server.internals.config;
    const apiKey = (await readFile(path.join(dataDir, 'headscale', 'api-key'), 'utf8')).trim();
    const seconds = SECONDS;
    await askForKeys(loaded, { connections: 2, seconds: 3 }); // warm
    say('/v1/hubs, 500 a second', await listHubs(loaded, { rate: 500, seconds }));
    say('/v1/hubs, as fast as it goes', await listHubs(loaded, { connections: 20, seconds }));
    const alone = await askHeadscaleForKeys(loaded, apiKey, { connections: 2, seconds });
    say('Headscale alone, 2 at once', alone);
    const ours = await askForKeys(loaded, { connections: 2, seconds });
    say('browser-key, 2 at once', ours);
    say('browser-key, 5 a second', await askForKeys(loaded, { rate: 5, seconds }));
    const flood = Math.ceil(5 * ours.perSecond);
    say(
      `browser-key, ${flood} a second (5 times)`,
      await askForKeys(loaded, { rate: flood, seconds }),
    );
  } finally {
    await loaded.stop();
  }
}

function say(what: string, { statuses, lost, perSecond, p50, p99 }: Figures): void {
  const answers = Object.entries(statuses).map(([status, count]) => `${count} x ${status}`);
  console.log(
    `${what.padEnd(34)} ${perSecond.toFixed(1).padStart(7)}/s  p50 ${p50} ms  p99 ${p99} ms  ` +
      `${answers.join(', ')}, ${lost} lost`,
  );
}
