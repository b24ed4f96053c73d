import type { Database } from './database/database.ts';
import type { HeadscaleClient } from './headscale/client.ts';
import type { HeadscaleGate } from './headscale/gate.ts';
import type { Identity } from './identity/identity.ts';
import type { Programs } from './install/programs.ts';
import type { Log } from './log.ts';
import type { ClientAddress } from './middleware/client-address.ts';
import type { Seal } from './seal.ts';
import { BrowserCuts } from './units/browser-cuts.ts';
import { BrowserKeys } from './units/browser-keys.ts';
import { Enrolment } from './units/enrolment.ts';
import { Heartbeats } from './units/heartbeats.ts';
import { HubSessions } from './units/hub-sessions.ts';
import { HubNotices } from './units/hub-notices.ts';
import { Hubs } from './units/hubs.ts';
import { KeptAnswers } from './units/kept-answers.ts';
import { KeyQueue } from './units/key-queue.ts';
import { Maintenance } from './units/maintenance.ts';
import { NodeDirectory } from './units/node-directory.ts';
import { Shares } from './units/shares.ts';
import { Teardown } from './units/teardown.ts';
import { UnitBrowsers } from './units/unit-browsers.ts';
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
  /** Encrypts what rests in the database for a moment. */
  seal: Seal;
  /** ms since 1970. */
  clock: () => number;
  log: Log;
}

export type Services = ReturnType<typeof createServices>;

/** Wires everything that routes use. Starts nothing. */
export function createServices(options: ServiceOptions) {
  const { db, headscale, clock } = options;
  const directory = new NodeDirectory(headscale, clock);
  const keys = new UnitKeys(options);
  const queue = new KeyQueue();
  const browsers = new UnitBrowsers(db);
  const notices = new HubNotices(options);
  const answers = new KeptAnswers(options);
  const cuts = new BrowserCuts({ ...options, directory });
  const teardown = new Teardown({ ...options, directory });
  const sessions = new HubSessions();
  const hubs = new Hubs({ ...options, directory, browsers, cuts, teardown, sessions });
  return {
    ...options,
    directory,
    teardown,
    /** Also for whoever ends sign-ins: `endAccess` cuts the browsers off that they let in. */
    cuts,
    hubs,
    shares: new Shares({ ...options, hubs, cuts }),
    browserKeys: new BrowserKeys({ ...options, keys, queue, answers, browsers, directory }),
    enrolment: new Enrolment({ ...options, keys, queue, notices, directory }),
    heartbeats: new Heartbeats({ ...options, keys, notices, directory, sessions }),
    maintenance: new Maintenance({ ...options, directory, teardown, cuts }),
  };
}
