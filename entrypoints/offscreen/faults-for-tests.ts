import type { LiveSocket, SocketRole } from './live-socket.ts';

/**
 * Faults that no test can provoke from outside: a path that swallows everything without a word, a computer that wakes up,
 * a program that traps. They exist in the build for tests only, which the bundler makes sure of.
 */
type Fault =
  /** Sockets that are open now hear and say nothing any more; new ones work. */
  | { kind: 'freeze'; role?: SocketRole }
  /** No socket hears or says anything, new ones included, until `mend`. */
  | { kind: 'cut'; role?: SocketRole }
  /** What arrives comes so much later, in its order, until `mend`. */
  | { kind: 'delay'; ms: number; role?: SocketRole }
  /** Of what arrives, every so many-th message is lost, though the socket lives on, until `mend`. */
  | { kind: 'drop'; every: number; role?: SocketRole }
  /** The next call that gives Go a record makes it panic there; `open` with variables is one. */
  | { kind: 'panic' }
  /** Sockets end, and new ones are refused at once, until `mend`. */
  | { kind: 'refuse'; role?: SocketRole }
  | { kind: 'mend' }
  /** Sockets end as if the other side had closed them. */
  | { kind: 'close'; role?: SocketRole }
  /** The browser says that the network is back. */
  | { kind: 'online' }
  /** The wall clock jumps by ten minutes, as after sleep. */
  | { kind: 'wake' }
  /** The next thing that the Go runtime asks of JavaScript throws through it. */
  | { kind: 'trap' };

const frozen = new WeakSet<LiveSocket>();
let cut: { role?: SocketRole } | undefined;
let refused: { role?: SocketRole } | undefined;
let delayed: { ms: number; role?: SocketRole } | undefined;
let lossy: { every: number; role?: SocketRole } | undefined;
let arrived = 0;

const concerns = (fault: { role?: SocketRole }, socket: LiveSocket) =>
  fault.role === undefined || fault.role === socket.role;

/** Whether a socket is cut off by a fault. */
export function faultOn(socket: LiveSocket): boolean {
  if (import.meta.env.MODE !== 'e2e') return false;
  return frozen.has(socket) || (cut !== undefined && concerns(cut, socket));
}

/** By how much a fault delays what arrives at a socket, ms. */
export function delayOn(socket: LiveSocket): number {
  if (import.meta.env.MODE !== 'e2e') return 0;
  return delayed !== undefined && concerns(delayed, socket) ? delayed.ms : 0;
}

/** Whether a fault loses the message that arrives now. */
export function isLost(socket: LiveSocket): boolean {
  if (import.meta.env.MODE !== 'e2e') return false;
  if (lossy === undefined || !concerns(lossy, socket)) return false;
  arrived += 1;
  return arrived % lossy.every === 0;
}

/** Whether a new socket is refused by a fault. */
export function isRefused(socket: LiveSocket): boolean {
  if (import.meta.env.MODE !== 'e2e') return false;
  return refused !== undefined && concerns(refused, socket);
}

/** Listens for faults that a test injects. Does nothing in the build that people use. */
export function listenForFaults(sockets: () => readonly LiveSocket[]): void {
  if (import.meta.env.MODE !== 'e2e') return;
  const channel = new BroadcastChannel('hubtab-faults');
  channel.addEventListener('message', ({ data }: MessageEvent<Fault>) => inject(data, sockets()));
}

function inject(fault: Fault, sockets: readonly LiveSocket[]): void {
  const { now } = Date;
  switch (fault.kind) {
    case 'freeze':
      for (const socket of sockets) if (concerns(fault, socket)) frozen.add(socket);
      return;
    case 'cut':
      cut = fault;
      // What is open now stays dead: the other side gives it up meanwhile.
      for (const socket of sockets) if (concerns(fault, socket)) frozen.add(socket);
      return;
    case 'refuse':
      refused = fault;
      for (const socket of sockets) if (concerns(fault, socket)) socket.abort();
      return;
    case 'delay':
      delayed = fault;
      return;
    case 'drop':
      lossy = fault;
      return;
    case 'panic': {
      const { keys } = Object;
      Object.keys = () => {
        Object.keys = keys;
        throw new Error('injected by a test');
      };
      return;
    }
    case 'mend':
      cut = undefined;
      delayed = undefined;
      lossy = undefined;
      refused = undefined;
      return;
    case 'close':
      for (const socket of sockets) if (concerns(fault, socket)) socket.abort();
      return;
    case 'online':
      globalThis.dispatchEvent(new Event('online'));
      return;
    case 'wake':
      Date.now = () => now() + 600_000;
      return;
    case 'trap':
      performance.now = () => {
        throw new WebAssembly.RuntimeError('injected by a test');
      };
  }
}
