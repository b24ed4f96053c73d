import type { BrowserKey } from '../../protocol/hubs.ts';
import type { Stack } from '../stack/start.ts';
import type { BrowserOptions } from './bench-browser.ts';
import type { Bulk } from './harness/client.ts';
import { browserKey } from './keys.ts';
import { BULK } from './session-plan.ts';

/** Where the clients of a session run, and what they reach. */
export interface Scene {
  /** Mints a key to join the unit of the one hub. */
  newKey(): Promise<BrowserKey>;
  browser: BrowserOptions;
  /** The command line that runs a native program there. */
  command(argv: readonly string[]): string[];
  /** Further variables of tailscaled. */
  env: Record<string, string>;
  bulk: Bulk;
}

/** On this machine, against a stack. */
export function stackScene(stack: Stack): Scene {
  return {
    newKey: () => browserKey(stack),
    browser: {},
    command: (argv) => [...argv],
    env: { TS_DEBUG_USE_DERP_HTTP: '1' },
    bulk: BULK,
  };
}
