import type { FaultCode } from '../protocol/contexts.ts';

/** What a page offers under a fault. Each page knows how to do those that can reach it. */
export type FaultAction =
  | 'retry'
  | 'set-up'
  | 'sign-in'
  | 'allow-access'
  | 'change-address'
  | 'new-line'
  | 'other-sessions'
  | 'close-tab'
  | 'check-key'
  | 'none';

export interface FaultWords {
  title: string;
  /** Cause, then what to do: two short sentences at most. */
  sentence: string;
  action: FaultAction;
}

interface FaultEntry extends FaultWords {
  /** Said instead in the forms of the options page, where nothing is connected yet. */
  inForm?: string;
  /** Said instead under a hub in the popup, where no session is open. */
  inList?: string;
}

/** One entry for each code: a new code does not compile before it has its words. */
export const FAULTS: Record<FaultCode, FaultEntry> = {
  // Node and SSH
  'bad-argument': {
    title: 'Hubtab made a mistake',
    sentence:
      'It asked the private network for something impossible. Retry, and report it if it stays.',
    action: 'retry',
  },
  'key-refused': {
    title: 'Key refused',
    sentence: 'The server did not renew this browser’s key. Retry to ask for a fresh one.',
    action: 'retry',
  },
  'control-unreachable': {
    title: 'The private network does not answer',
    sentence:
      'Its control server is silent. Check this computer’s network, or wait: Hubtab tries again.',
    action: 'retry',
  },
  'version-too-old': {
    title: 'Hubtab is too old for its server',
    sentence: 'The private network no longer speaks with this version. Update the extension.',
    action: 'none',
  },
  'clock-wrong': {
    title: 'This computer’s clock is wrong',
    sentence: '{hub} refuses connections whose time went back. Set the clock, then retry.',
    action: 'retry',
  },
  'node-deleted': {
    title: 'This browser was removed from the network',
    sentence: 'It has to join {hub} again with a fresh key. Retry does that.',
    action: 'retry',
  },
  'hub-not-found': {
    title: '{hub} is not in the network',
    sentence: 'The machine that the server knows as {hub} is gone. Run the join line on it again.',
    action: 'retry',
  },
  'hub-offline': {
    title: '{hub} is offline',
    sentence: 'This tab opens the session when the hub returns.',
    inList: 'Its sessions are shown as they were last seen.',
    action: 'retry',
  },
  'hub-unreachable': {
    title: '{hub} does not answer',
    sentence: 'The relay is fine, the hub is silent. The session keeps running there.',
    inList: 'The relay is fine, the hub is silent. Its sessions keep running.',
    action: 'retry',
  },
  'host-key-mismatch': {
    title: 'The host key of {hub} changed',
    sentence:
      'Nothing was sent. If nobody reinstalled this hub, another machine may be answering in its place.',
    action: 'close-tab',
  },
  'host-key-unlisted': {
    title: 'The host key of {hub} is in doubt',
    sentence:
      'Nothing was sent. The network names another key than the server: run “hubtab hub up” on the hub.',
    action: 'close-tab',
  },
  'host-key-changed': {
    title: 'The host key of {hub} is a new one',
    sentence:
      'Nothing was sent. The server knows the new key too, but this browser has seen another: compare them first.',
    action: 'close-tab',
  },
  'host-key-absent': {
    title: 'The host key of {hub} is not known',
    sentence:
      'Nothing was sent, since nothing proves which machine answers. Run “hubtab hub up” on the hub.',
    action: 'retry',
  },
  'port-unreachable': {
    title: 'Nothing answers at this port',
    sentence: '{hub} is there, but no program listens at the port. Start it, then retry.',
    action: 'retry',
  },
  'unknown-user': {
    title: '{hub} has no user {user}',
    sentence:
      'Terminals run as this Unix user. Create it on the hub, or join again as one that exists.',
    action: 'retry',
  },
  'access-denied': {
    title: 'You no longer have access to {hub}',
    sentence: 'The network refused this browser. What runs on the machine keeps running.',
    action: 'close-tab',
  },
  'connection-lost': {
    title: 'Connection lost',
    sentence: 'The connection to {hub} broke. The session keeps running there.',
    inList: 'The connection broke. Its sessions keep running.',
    action: 'retry',
  },
  left: {
    title: 'Disconnected',
    sentence: 'This browser left the network of {hub}. Retry joins again.',
    action: 'retry',
  },
  internal: {
    title: 'Something failed inside Hubtab',
    sentence: 'Nothing on your machines changed. Retry, and see Details if it stays.',
    action: 'retry',
  },

  // Server
  'bad-request': {
    title: 'The server did not understand',
    sentence:
      '{server} refused what Hubtab asked. Their versions may differ: update Hubtab or the server.',
    action: 'retry',
  },
  unauthorized: {
    title: 'Signed out',
    sentence: '{server} no longer takes this sign-in. Sign in again; agents keep running.',
    action: 'sign-in',
  },
  'token-expired': {
    title: 'Signed out',
    sentence: 'Your sign-in at {server} ended. Sign in again; agents keep running.',
    action: 'sign-in',
  },
  forbidden: {
    title: 'Not allowed',
    sentence: 'Your account may not do this. Ask whoever runs {server}.',
    action: 'none',
  },
  'not-found': {
    title: 'Not there any more',
    sentence: '{server} does not know it. It may have been removed a moment ago.',
    action: 'retry',
  },
  'method-not-allowed': {
    title: 'The server did not understand',
    sentence: '{server} has no such function. Update the server.',
    action: 'none',
  },
  conflict: {
    title: 'Changed elsewhere',
    sentence: 'Somebody changed this at the same time. Retry with what is there now.',
    action: 'retry',
  },
  'body-too-large': {
    title: 'Too much at once',
    sentence: '{server} refused the size of what Hubtab sent. Report this: it should not happen.',
    action: 'none',
  },
  'idempotency-key-reused': {
    title: 'Hubtab made a mistake',
    sentence: 'It repeated a request with other contents. Retry, and report it if it stays.',
    action: 'retry',
  },
  'rate-limited': {
    title: 'Too many tries',
    sentence: '{server} has paused requests from here. Try again in a minute.',
    action: 'retry',
  },
  'pairing-code-unknown': {
    title: 'Code not known',
    sentence: 'No sign-in waits with this code. Check the spelling, or ask for a new one.',
    action: 'none',
  },
  'pairing-code-used': {
    title: 'Code already used',
    sentence:
      'A code works once. Ask for a new one; if you did not use this one, say so to whoever runs {server}.',
    action: 'none',
  },
  'pairing-code-expired': {
    title: 'Code expired',
    sentence: 'This code is too old. Ask for a new one and type it here.',
    action: 'none',
  },
  'join-token-unknown': {
    title: 'Line not known',
    sentence: '{server} does not know this join line. Make a new one.',
    action: 'new-line',
  },
  'join-token-used': {
    title: 'Line already used',
    sentence: 'A join line works once. Make a new one for the next hub.',
    action: 'new-line',
  },
  'join-token-expired': {
    title: 'Line expired',
    sentence: 'This join line is too old. Make a new one.',
    action: 'new-line',
  },
  'hub-not-joined': {
    title: '{hub} has not joined yet',
    sentence: 'It is registered, but never connected. Run “hubtab hub up” on it.',
    action: 'retry',
  },
  'hub-node-live': {
    title: '{hub} is already connected',
    sentence: 'Its machine is in the network already. Run “hubtab hub status” on it.',
    action: 'retry',
  },
  'headscale-unavailable': {
    title: 'The private network is down',
    sentence: '{server} answers, but its network service does not. Open terminals keep working.',
    action: 'retry',
    inForm: '{server} answers, but its network service does not. Try again in a minute.',
  },

  // Extension
  'not-configured': {
    title: 'Connect to your server',
    sentence: 'Hubtab lists the agents on your machines and opens their terminals here.',
    action: 'set-up',
  },
  'sign-in-closed': {
    title: 'Not signed in',
    sentence: 'The sign-in window was closed before it finished. Sign in again, or ask for a code.',
    inForm: 'The sign-in window was closed before it finished.',
    action: 'sign-in',
  },
  'signed-out': {
    title: 'You are signed out',
    sentence: 'Sign in at {server} to reach your hubs. Agents keep running.',
    action: 'sign-in',
  },
  'permission-missing': {
    title: 'Access was removed',
    sentence: 'The browser no longer lets Hubtab reach {server}.',
    action: 'allow-access',
    inForm:
      'The browser was told not to allow {server}. Hubtab cannot reach its server without it.',
  },
  'bad-address': {
    title: 'This link is not complete',
    sentence: 'Its address names no hub. Nothing was run; open the session from the list.',
    inForm:
      'This is not a server address. Type a name such as hubtab.example.test; http works only for this machine.',
    action: 'other-sessions',
  },
  'server-unreachable': {
    title: '{server} does not answer',
    sentence: 'Open terminals keep working. This one opens when the server is back.',
    action: 'retry',
    inList: '{server} does not answer. Open terminals keep working.',
    inForm: '{server} does not answer. Check the spelling, and that the server runs.',
  },
  'not-hubtab': {
    title: 'Not a Hubtab server',
    sentence: '{server} answers, but is not a Hubtab server. Check the address.',
    action: 'change-address',
  },
  'hub-removed': {
    title: '{hub} was removed',
    sentence: 'It no longer belongs to your account. What runs on the machine keeps running.',
    action: 'close-tab',
  },
  'session-name-refused': {
    title: 'This link names no session',
    sentence:
      'tmux keeps no session under such a name. Nothing was run; open the session from the list.',
    action: 'other-sessions',
  },
  'session-gone': {
    title: 'This session no longer exists',
    sentence: '{hub} has no session {session}.',
    action: 'other-sessions',
  },
  'tmux-missing': {
    title: '{hub} has no tmux',
    sentence:
      'Sessions live in tmux. Install tmux 3.2 or newer on the hub, then run “hubtab hub up”.',
    action: 'retry',
  },
  'hubtab-missing': {
    title: '{hub} has no hubtab',
    sentence: 'Its program was moved or removed. Run “hubtab hub up” on the hub, then retry.',
    action: 'retry',
  },
  'agent-refused': {
    title: '{hub} did not do it',
    sentence: 'What the hub said stands below. Nothing was changed there.',
    action: 'retry',
  },
  'worker-lost': {
    title: 'Hubtab’s connection restarted',
    sentence:
      'The part that holds it stopped and comes back by itself. The session keeps running on {hub}.',
    action: 'retry',
  },
};
