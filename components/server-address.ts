import { hostPermission } from '../lib/host-permission.ts';

/** What a person typed as their server, understood; or null. */
export interface ServerAddress {
  /** `https://hubtab.example.test`, with the port if there is one. */
  origin: string;
  /** The server as sentences name it. */
  name: string;
  /** What the browser is asked to allow. Host permissions know no ports: the pattern covers all of the host's. */
  permission: string;
}

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/** A bare name means https, on this machine http. http elsewhere is refused: anybody on the way could read along. */
export function parseServerAddress(typed: string): ServerAddress | null {
  const text = typed.trim();
  if (text === '' || /\s/.test(text)) return null;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = URL.parse(hasScheme ? text : `https://${text}`);
  if (url === null || url.hostname === '' || url.username !== '' || url.password !== '')
    return null;
  const isLocal = LOOPBACK.test(url.hostname);
  if (!hasScheme && isLocal) return parseServerAddress(`http://${text}`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) return null;
  return {
    origin: url.origin,
    name: url.host,
    permission: hostPermission(url.href),
  };
}
