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
    const at = (connections: number, rate?: number) => ({
      connections,
      seconds: SECONDS,
      ...(rate === undefined ? {} : { rate }),
    });
    await askForKeys(loaded, { connections: 2, seconds: 3 }); // warm
    say('/v1/hubs, 500 a second', await listHubs(loaded, at(20, 500)));
    say('/v1/hubs, as fast as it goes', await listHubs(loaded, at(20)));
    const alone = await askHeadscaleForKeys(loaded, apiKey, at(2));
    say('Headscale alone, 2 at once', alone);
    const ours = await askForKeys(loaded, at(2));
    say('browser-key, 2 at once', ours);
    say('browser-key, 5 a second', await askForKeys(loaded, at(10, 5)));
    const flood = Math.ceil(5 * ours.perSecond);
    say(`browser-key, ${flood} a second (5 times)`, await askForKeys(loaded, at(flood, flood)));
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
