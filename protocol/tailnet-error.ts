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
  | 'host-key-mismatch' // the offered key is neither registered nor in the netmap: nothing was sent
  | 'host-key-absent' // the server or the netmap lists no host key of the hub: nothing was sent
  | 'port-unreachable' // nothing on the hub answers at the forwarded port
  | 'unknown-user' // the hub has no such Unix user, or may not become that user
  | 'access-denied' // the network policy or the hub refused the connection
  | 'connection-lost' // the SSH connection under the channel died
  | 'left' // the unit was left while the call ran
  | 'internal';
