import type { Database } from '../database/database.ts';
import type { HeadscaleClient } from '../headscale/client.ts';
import type { HeadscaleGate } from '../headscale/gate.ts';
import type { Log } from '../log.ts';
import type { HubNotices } from '../units/hub-notices.ts';
import type { NodeDirectory } from '../units/node-directory.ts';

/** What tasks work on: one Headscale, and what our database says about it. */
export interface ReconcileContext {
  shardId: string;
  db: Database;
  headscale: HeadscaleClient;
  gate: HeadscaleGate;
  directory: NodeDirectory;
  notices: HubNotices;
  clock: () => number;
  log: Log;
}
