import { Health } from './admin/health.ts';
import { Journal } from './admin/journal.ts';
import { Net } from './admin/net.ts';
import { People } from './admin/people.ts';
import { KeptBackups } from './backup/kept-backups.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { DEFAULT_SHARD } from './database/hubs.ts';
import type { HeadscaleClient } from './headscale/client.ts';
import type { HeadscaleGate } from './headscale/gate.ts';
import type { Programs } from './install/programs.ts';
import { Authorization } from './identity/authorization.ts';
import { DeviceGrants } from './identity/device-grants.ts';
import type { Account, Identity } from './identity/identity.ts';
import { Invitations } from './identity/invitations.ts';
import { OidcProvider, type OidcConfig } from './identity/oidc-provider.ts';
import { SignIn } from './identity/sign-in.ts';
import { SignInLimits } from './identity/sign-in-limits.ts';
import { TokenIssuer } from './identity/token-issuer.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import type { ClientAddress } from './middleware/client-address.ts';
import type { Seal } from './seal.ts';
import { Access } from './units/access.ts';
import { BrowserCuts } from './units/browser-cuts.ts';
import { BrowserKeys } from './units/browser-keys.ts';
import { Enrolment } from './units/enrolment.ts';
import { Heartbeats } from './units/heartbeats.ts';
import { HubSessions } from './units/hub-sessions.ts';
import { HubNotices } from './units/hub-notices.ts';
import { Hubs } from './units/hubs.ts';
import { KeptAnswers } from './units/kept-answers.ts';
import { Maintenance } from './units/maintenance.ts';
import { Shards, type ShardOptions } from './units/shards.ts';
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
  /** Hubs that Headscale may hold. */
  hubLimit: number;
  /** Further Headscales; the one above is the default shard. */
  otherShards?: readonly ShardOptions[];
  version: string;
  /** What is handed out to machines that become hubs. */
  programs: Programs;
  clientAddress: ClientAddress;
  /** What the server was told; for backups and the look at its health. */
  config: Config;
  /** Encrypts what rests in the database for a moment. */
  seal: Seal;
  /** Sign cookies and encrypt authenticator secrets; the first is in use, the others are still read. Never empty. */
  secrets: readonly [string, ...string[]];
  /** Extensions that may sign in through `/oauth2/authorize`. */
  extensionIds: readonly string[];
  /** If unset, people sign in with passwords and passkeys. */
  oidc?: OidcConfig | undefined;
  /** What `/metrics` asks of other machines; if unset, they are refused. */
  metricsToken?: string | undefined;
  /** Room on the disk of the data directory, in bytes. */
  freeBytes: () => number;
  /** ms since 1970. */
  clock: () => number;
  log: Log;
}

export type Services = ReturnType<typeof createServices>;

/** Wires everything that routes use. Starts nothing. */
export function createServices(options: ServiceOptions) {
  const { db, headscale, gate, controlUrl, hubLimit, clock, log, otherShards = [] } = options;
  const first = { id: DEFAULT_SHARD, headscale, gate, controlUrl, hubLimit };
  const shards = new Shards([first, ...otherShards], clock);
  const { directory } = shards;
  const keys = new UnitKeys({ ...options, shards });
  const browsers = new UnitBrowsers(db);
  const notices = new HubNotices(options);
  const answers = new KeptAnswers(options);
  const cuts = new BrowserCuts({ ...options, shards });
  const teardown = new Teardown({ ...options, shards });
  const sessions = new HubSessions();
  const hubs = new Hubs({ ...options, shards, browsers, cuts, teardown, sessions });
  const enrolment = new Enrolment({ ...options, keys, notices, shards });
  const invitations = new Invitations(options);
  const oidc = options.oidc && new OidcProvider(options.oidc, log);
  const issuer = new TokenIssuer(clock);
  const access = new Access({ ...options, cuts });
  const createJoinToken = (account: Account) => enrolment.createJoinToken(account);
  return {
    ...options,
    shards,
    metrics: new Metrics({ ...options, shards }),
    invitations,
    signIn: new SignIn({ ...options, invitations, oidc }),
    signInLimits: new SignInLimits({ secret: options.secrets[0], clock }),
    authorization: new Authorization({ ...options, issuer }),
    deviceGrants: new DeviceGrants({ ...options, issuer, createJoinToken }),
    access,
    /** Of all shards. */
    directory,
    teardown,
    /** Also for whoever ends sign-ins: `endAccess` cuts the browsers off that they let in. */
    cuts,
    notices,
    hubs,
    shares: new Shares({ ...options, hubs, cuts }),
    browserKeys: new BrowserKeys({ ...options, keys, answers, browsers, shards }),
    enrolment,
    heartbeats: new Heartbeats({ ...options, keys, notices, shards, sessions }),
    admin: {
      people: new People({ ...options, invitations, access, directory }),
      net: new Net({ ...options, shards, hubs, cuts }),
      journal: new Journal(options),
      health: new Health({ ...options, directory }),
      backups: new KeptBackups(options),
    },
    maintenance: new Maintenance({ ...options, shards, teardown, cuts, access }),
  };
}
