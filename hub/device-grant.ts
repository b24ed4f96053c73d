import { setTimeout as delay } from 'node:timers/promises';
import { renderUnicodeCompact } from 'uqr';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { pollDeviceGrant, startDeviceGrant } from './server-client.ts';
import { printable } from './text.ts';
import type { CliContext } from './context.ts';

/** RFC 8628 section 3.5: what `slow_down` adds to the pause between two polls. */
const SLOWER_S = 5;

/**
 * Asks a person to let this machine become a hub: shows an address, a code and both as a QR code, and waits until the
 * server says that somebody signed in there has allowed it.
 *
 * @param name what this machine calls itself; shown on the page, where nobody should believe it
 * @returns a one-use token to register with
 * @throws HubtabError (refused) if it was denied or nobody answered in time
 */
export async function askForToken(
  serverUrl: string,
  name: string,
  context: CliContext,
): Promise<string> {
  const grant = await startDeviceGrant(serverUrl, name);
  const endMs = Date.now() + grant.expires_in * 1000;
  context.say(renderUnicodeCompact(grant.verification_uri_complete));
  context.say(`\nOpen ${printable(grant.verification_uri)} in a browser where you are signed in,`);
  context.say(
    `and allow this code, if it is the one you see there: ${printable(grant.user_code)}\n`,
  );
  let pauseS = grant.interval;
  while (Date.now() < endMs) {
    await delay(pauseS * 1000);
    const answer = await pollDeviceGrant(serverUrl, grant.device_code);
    if (answer.kind === 'token') return answer.token;
    if (answer.kind === 'slower') pauseS += SLOWER_S;
  }
  throw new HubtabError(EXIT.refused, 'nobody allowed the code in time. Run this again.');
}
