import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';

/**
 * Origin of the control server as a person typed it, without a slash at the end.
 *
 * @throws HubtabError (usage) that says how an address looks.
 */
export function parseServerAddress(text: string): string {
  const example = 'An address looks like https://hubtab.example.com';
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new HubtabError(EXIT.usage, `not a server address: ${JSON.stringify(text)}. ${example}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new HubtabError(EXIT.usage, `the server address must not hold a password. ${example}`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new HubtabError(
      EXIT.usage,
      `the server address must end after the host: did you mean ${url.origin} ?`,
    );
  }
  return url.origin;
}

/** Whether tokens sent there could be read on the way. */
export function isUnencrypted(serverUrl: string): boolean {
  const { protocol, hostname } = new URL(serverUrl);
  const isLoopback =
    hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return protocol === 'http:' && !isLoopback;
}
