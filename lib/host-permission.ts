/** The host permission that covers a server. It names no port: match patterns cover every port of a host. */
export function hostPermission(url: string): string {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}/*`;
}
