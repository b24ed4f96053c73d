/** What a socket is for: the control protocol (tailscale control/controlhttp), or a relay (derp/derphttp). */
export type SocketRole = 'control' | 'relay';

/** One socket that is open or opening. */
export interface LiveSocket {
  readonly role: SocketRole;
  readonly host: string;
  bytesIn: number;
  bytesOut: number;
  /** When the last bytes came, or the socket was made; ms since the epoch. */
  heardAtMs: number;
  /** Ends the socket for Go at once, whatever the network does. */
  abort(): void;
}
