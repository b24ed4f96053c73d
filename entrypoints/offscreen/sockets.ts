/**
 * The WebSocket that Go sees. Go's Tailscale code chooses addresses by rules that do not fit every self-hosted server:
 * it always dials relays by wss, and drops the port of an https control server (tailscale
 * control/controlhttp/client_js.go, derp/derphttp/derphttp_client.go). This class mends the address, refuses hosts that
 * are no unit's, and maps close codes that browsers refuse.
 */
const controlOrigins = new Map<string, URL>();

/** Allows sockets to one Headscale: its control protocol and its relay. */
export function allowControl(controlUrl: string): void {
  const url = new URL(controlUrl);
  controlOrigins.set(url.origin, url);
}

/** The address to dial instead of the one Go chose; null when the host belongs to no unit. */
export function dialAddress(asked: string, allowed: Iterable<URL>): string | null {
  const url = new URL(asked);
  const controls = [...allowed].filter(({ hostname }) => hostname === url.hostname);
  const same = controls.find(({ host }) => host === url.host);
  // Go drops the port of an https server: only one of this name can be meant.
  const meant =
    same ?? (url.port === '' ? controls.find((c) => c.protocol === 'https:') : undefined);
  if (!meant) return null;
  url.protocol = meant.protocol === 'https:' ? 'wss:' : 'ws:';
  url.host = meant.host;
  return url.href;
}

/** Browsers take 1000 and 3000 to 4999 only (HTML, WebSocket.close); Go's library also uses 1001 and 1008. */
export function legalCloseCode(code: number | undefined): number | undefined {
  if (code === undefined || code === 1000 || (code >= 3000 && code <= 4999)) return code;
  return code > 1000 && code < 3000 ? 3000 + code : 4000;
}

/** Replaces the global class. Call it before Go runs. */
export function installSockets(): void {
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(asked: string | URL, protocols?: string | string[]) {
      const address = dialAddress(String(asked), controlOrigins.values());
      if (!address)
        throw new DOMException(`no unit's server: ${new URL(asked).host}`, 'SecurityError');
      super(address, protocols);
    }

    override close(code?: number, reason?: string): void {
      super.close(legalCloseCode(code), reason);
    }
  };
}
