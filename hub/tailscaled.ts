import { z } from 'zod';
import type { HostKey } from './ssh-host-keys.ts';

/**
 * The daemon that makes this machine a member of the network. Either our own, unprivileged
 * one, which is also what runs in the container of `hub compose`, or the system's.
 */
export interface Tailscaled {
  /** Runs it if it does not run. @throws HubtabError (network) with the end of its log if it does not come up. */
  start(controlUrl: string): Promise<void>;
  /** Ends it and waits for that; does nothing if it does not run. */
  stop(): Promise<void>;
  /** Whether its process is there; cheap enough to ask every second. */
  isAlive(): Promise<boolean>;
  /** Undefined if it does not run. */
  status(): Promise<TailscaleStatus | undefined>;
  /** Brings the node up. @throws HubtabError (network) with tailscale's words. */
  up(options: UpOptions): Promise<void>;
  /** Ends the node's key on the control server, as far as that can be reached. Returns what went wrong, if anything. */
  logout(): Promise<string | undefined>;
  /** What `tailscale debug prefs|netmap` prints, parsed; undefined if it does not say. */
  debug(what: 'prefs' | 'netmap'): Promise<unknown>;
  /** A command line by which a person gives tailscale some words. */
  commandLine(words: string): string;
  /** Where it listens for `tailscale`. */
  readonly socket: string;
  /** Host keys of its SSH server; empty before the first `up`. */
  hostKeys(): Promise<HostKey[]>;
}

export interface UpOptions {
  readonly controlUrl: string;
  readonly hostname: string;
  /** One-use key; if unset, the node must have joined before. */
  readonly authKey?: string | undefined;
  /** Registers anew although there is a node key: the node was deleted on the control server. */
  readonly forceReauth?: boolean;
}

/** What we use of `tailscale status --json`. */
export const TailscaleStatus = z
  .object({
    Version: z.string(),
    BackendState: z.string(),
    TailscaleIPs: z.array(z.string()).nullish(),
    Self: z
      .object({ PublicKey: z.string(), Online: z.boolean(), Expired: z.boolean().optional() })
      .nullish(),
  })
  .transform((raw) => ({
    /** Without build suffixes. */
    version: /^\d+\.\d+\.\d+/.exec(raw.Version)?.[0] ?? raw.Version,
    /** NoState, NeedsLogin, NeedsMachineAuth, Stopped, Starting, Running. */
    backendState: raw.BackendState,
    ips: raw.TailscaleIPs ?? [],
    online: raw.Self?.Online ?? false,
    isExpired: raw.Self?.Expired ?? false,
    /** `nodekey:<hex>`; all zeros before the node joined. */
    nodeKey: raw.Self?.PublicKey ?? '',
  }));
export type TailscaleStatus = z.infer<typeof TailscaleStatus>;
