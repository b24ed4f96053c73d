/**
 * The servers that Go may speak to: those of the joined units, and no other host. Go's Tailscale code chooses addresses by
 * rules that do not fit every self-hosted server: it always dials relays by wss and probes them by https, and drops the
 * port of an https control server (tailscale control/controlhttp/client_js.go, derp/derphttp/derphttp_client.go,
 * net/netcheck).
 */
const controlOrigins = new Map<string, URL>();

/** Allows one Headscale: its control protocol and its relay. */
export function allowControl(controlUrl: string): void {
  const url = new URL(controlUrl);
  controlOrigins.set(url.origin, url);
}

/** The address of a server that is meant by the one that Go chose; null when it is no unit's. The scheme is http or https. */
export function meantAddress(asked: string, allowed: Iterable<URL>): URL | null {
  const url = new URL(asked);
  const controls = [...allowed].filter(({ hostname }) => hostname === url.hostname);
  const same = controls.find(({ host }) => host === url.host);
  // Without a port, one of this name is meant: mostly an https server, whose port Go drops.
  const nameless =
    url.port === '' ? (controls.find((c) => c.protocol === 'https:') ?? controls[0]) : undefined;
  const meant = same ?? nameless;
  if (!meant) return null;
  const address = new URL(meant.origin);
  address.pathname = url.pathname; // not resolved: a path that begins with two slashes would name another host
  address.search = url.search;
  return address;
}

/** @throws DOMException when the host is no unit's server */
function allowedAddress(asked: string): URL {
  const address = meantAddress(asked, controlOrigins.values());
  if (address) return address;
  throw new DOMException(`no unit's server: ${new URL(asked).host}`, 'SecurityError');
}

/** The address to open a socket at. @throws DOMException when the host is no unit's server */
export function socketAddress(asked: string): string {
  const url = allowedAddress(asked);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Where Tailscale asks relays how far away they are (net/netcheck), before it connects to the nearest. */
const PROBE_PATH = '/derp/probe';

/**
 * Replaces the global function by one that mends addresses and refuses other hosts than our own and the units'. It answers
 * probes itself: a unit has one relay, so that two questions to it would only hold up the first terminal.
 */
export function installFetch(): void {
  const { fetch: native, location } = globalThis;
  globalThis.fetch = async (asked, init) => {
    const url = new URL(asked instanceof Request ? asked.url : asked, location.href);
    if (url.origin === location.origin) return native(asked, init);
    const address = allowedAddress(url.href);
    if (address.pathname === PROBE_PATH) return new Response();
    return native(asked instanceof Request ? new Request(address, asked) : address, init);
  };
}
