/** Why a call or a channel failed. The cause picks the remedy. */
export type TailnetErrorCode =
  | 'bad-argument' // the caller's mistake; the message names the field
  | 'key-refused' // Headscale does not take the pre-auth key: unknown, used or expired
  | 'control-unreachable' // Headscale did not answer in time
  | 'version-too-old' // Headscale no longer speaks with this version of the client
  | 'clock-wrong' // a peer is silent and this computer's clock is off: WireGuard refuses a clock that went back
  | 'node-deleted' // the stored node no longer exists: join again with a fresh key
  | 'hub-not-found' // no peer has the node key that the server registered
  | 'hub-offline' // Headscale says that the hub is not connected
  | 'hub-unreachable' // the hub did not answer in time
  // The key that the hub presented is not trusted, for one of four reasons. Nothing was sent, not even the user's name.
  | 'host-key-mismatch' // it is not among those that the server registered
  | 'host-key-unlisted' // it is registered, but the netmap does not list it
  | 'host-key-changed' // both name it, but it is another one than was seen before
  | 'host-key-absent' // the server or the netmap names no host key of the hub
  | 'port-unreachable' // nothing on the hub answers at the forwarded port
  | 'unknown-user' // the hub has no such Unix user, or may not become that user
  | 'access-denied' // the network policy or the hub refused the connection
  | 'connection-lost' // the SSH connection under the channel died
  | 'left' // the unit was left while the call ran
  | 'internal';

/** What a person needs to judge the key that a hub presented. Keys are fingerprints, `SHA256:<base64>`. */
export interface HostKeyReport {
  /** What the hub presented. Trusting it means to put exactly this into `trustedHostKeys` of the next join. */
  offered: string;
  /** Its type, such as `ssh-ed25519`. */
  type: string;
  /** What the server registered; empty if nothing. */
  registered: string[];
  /** What the netmap lists; empty if nothing. */
  netmap: string[];
  /** What the hub presented before; unset if nothing was seen yet. */
  seen?: string;
  /** Who does not name the offered key; never empty. */
  against: ('registered' | 'netmap' | 'seen')[];
}

/** Faults after which another machine may be answering in the hub's place: no retry helps, only a person's choice. */
export function isHostKeyInDoubt(code: string): boolean {
  return ['host-key-mismatch', 'host-key-unlisted', 'host-key-changed'].includes(code);
}
