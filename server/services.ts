import type { Database } from './database/database.ts';
import type { HeadscaleClient } from './headscale/client.ts';
import type { HeadscaleGate } from './headscale/gate.ts';
import type { Identity } from './identity/identity.ts';
import type { Programs } from './install/programs.ts';
import type { Log } from './log.ts';
import type { ClientAddress } from './middleware/client-address.ts';
import { BrowserKeys } from './units/browser-keys.ts';
import { Enrolment } from './units/enrolment.ts';
import { Heartbeats } from './units/heartbeats.ts';
import { HubSessions } from './units/hub-sessions.ts';
import { Hubs } from './units/hubs.ts';
import { Maintenance } from './units/maintenance.ts';
import { NodeDirectory } from './units/node-directory.ts';
import { Teardown } from './units/teardown.ts';
import { UnitKeys } from './units/unit-keys.ts';

/** The outside world, as the server is given it. */
export interface ServiceOptions {
  db: Database;
  identity: Identity;
  headscale: HeadscaleClient;
  gate: HeadscaleGate;
  /** Base URL of this server as others reach it, without a slash at the end. */
  publicUrl: string;
  /** Base URL of Headscale as hubs and browsers reach it. */
  controlUrl: string;
  version: string;
  /** What is handed out to machines that become hubs. */
  programs: Programs;
  clientAddress: ClientAddress;
  /** ms since 1970. */
  clock: () => number;
  log: Log;
}

export type Services = ReturnType<typeof createServices>;

/** Wires everything that routes use. Starts nothing. */
export function createServices(options: ServiceOptions) {
  const { headscale, clock } = options;
  const directory = new NodeDirectory(headscale, clock);
  const keys = new UnitKeys(options);
  const teardown = new Teardown({ ...options, directory });
  const sessions = new HubSessions();
  return {
    ...options,
    directory,
    teardown,
    hubs: new Hubs({ ...options, directory, teardown, sessions }),
    browserKeys: new BrowserKeys(keys, options.controlUrl, clock),
    enrolment: new Enrolment({ ...options, keys, directory }),
    heartbeats: new Heartbeats({ ...options, keys, directory, sessions }),
    maintenance: new Maintenance({ ...options, directory, teardown }),
  };
}
