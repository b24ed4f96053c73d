/** Whom a column of the table is about. */
export const PEERS = ['ours', 'upstream', 'native'] as const;
export type Peer = (typeof PEERS)[number];

/** The work that yields figures. All steps of a session run on one client; the others set their own scene. */
export type Step =
  | 'size'
  | 'start'
  | 'second'
  | 'echo'
  | 'download'
  | 'upload'
  | 'shell-download'
  | 'terminals'
  | 'units'
  | 'click'
  | 'recovery';

export interface Figure {
  name: string;
  title: string;
  unit: 'MB' | 'MiB' | 'MB/s' | 'ms' | 's' | '%';
  /** Digits after the point. */
  digits: number;
  step: Step;
}

/** All figures, in the order of the table. A figure may get values from one peer or several. */
export const FIGURES = [
  { name: 'wasm-raw', title: 'WASM as built', unit: 'MB', digits: 2, step: 'size' },
  { name: 'wasm-gzip', title: 'WASM, gzip -9', unit: 'MB', digits: 2, step: 'size' },
  { name: 'wasm-brotli', title: 'WASM, brotli 9', unit: 'MB', digits: 2, step: 'size' },
  { name: 'compile', title: 'fetch + compile', unit: 'ms', digits: 0, step: 'start' },
  { name: 'init', title: 'program start to API ready', unit: 'ms', digits: 0, step: 'start' },
  { name: 'join', title: 'join: start to hub visible', unit: 'ms', digits: 0, step: 'start' },
  { name: 'first', title: 'first terminal: to 1st byte', unit: 'ms', digits: 0, step: 'start' },
  { name: 'cold', title: 'cold: worker to prompt', unit: 'ms', digits: 0, step: 'start' },
  { name: 'second', title: '2nd terminal: to shell', unit: 'ms', digits: 1, step: 'second' },
  {
    name: 'second-prompt',
    title: '2nd terminal: to 1st byte',
    unit: 'ms',
    digits: 1,
    step: 'second',
  },
  { name: 'echo-p50', title: 'key echo, p50 of 200', unit: 'ms', digits: 1, step: 'echo' },
  { name: 'echo-p99', title: 'key echo, p99 of 200', unit: 'ms', digits: 1, step: 'echo' },
  { name: 'download', title: 'download 8 MB, exec', unit: 'MB/s', digits: 2, step: 'download' },
  { name: 'upload', title: 'upload 8 MB, exec', unit: 'MB/s', digits: 2, step: 'upload' },
  {
    name: 'shell-download',
    title: 'download 8 MB, shell',
    unit: 'MB/s',
    digits: 2,
    step: 'shell-download',
  },
  { name: 'heap-1', title: 'Go heap, 1 unit', unit: 'MiB', digits: 1, step: 'start' },
  { name: 'memory-1', title: 'WASM memory, 1 unit', unit: 'MiB', digits: 1, step: 'start' },
  { name: 'rss-1', title: 'process RSS, 1 unit', unit: 'MiB', digits: 0, step: 'start' },
  { name: 'heap-8', title: 'Go heap, 8 units', unit: 'MiB', digits: 1, step: 'units' },
  { name: 'memory-8', title: 'WASM memory, 8 units', unit: 'MiB', digits: 1, step: 'units' },
  { name: 'rss-8', title: 'process RSS, 8 units', unit: 'MiB', digits: 0, step: 'units' },
  { name: 'heap-32', title: 'Go heap, 32 units', unit: 'MiB', digits: 1, step: 'units' },
  { name: 'memory-32', title: 'WASM memory, 32 units', unit: 'MiB', digits: 1, step: 'units' },
  { name: 'rss-32', title: 'process RSS, 32 units', unit: 'MiB', digits: 0, step: 'units' },
  {
    name: 'heap-terminals',
    title: 'Go heap, 50 terminals',
    unit: 'MiB',
    digits: 1,
    step: 'terminals',
  },
  {
    name: 'memory-terminals',
    title: 'WASM memory, 50 terminals',
    unit: 'MiB',
    digits: 1,
    step: 'terminals',
  },
  {
    name: 'rss-terminals',
    title: 'process RSS, 50 terminals',
    unit: 'MiB',
    digits: 0,
    step: 'terminals',
  },
  { name: 'idle-8', title: 'idle CPU, 8 units, 20 s', unit: '%', digits: 2, step: 'units' },
  { name: 'click', title: 'click to tmux, warm hub', unit: 'ms', digits: 0, step: 'click' },
  { name: 'recover-relay', title: 'relay socket frozen', unit: 's', digits: 1, step: 'recovery' },
  { name: 'recover-sockets', title: 'all sockets frozen', unit: 's', digits: 1, step: 'recovery' },
  { name: 'recover-wake', title: 'woken up, sockets dead', unit: 's', digits: 1, step: 'recovery' },
  {
    name: 'recover-online',
    title: '30 s offline, then online',
    unit: 's',
    digits: 1,
    step: 'recovery',
  },
  { name: 'recover-headscale', title: 'Headscale killed', unit: 's', digits: 1, step: 'recovery' },
  { name: 'recover-worker', title: 'worker killed', unit: 's', digits: 1, step: 'recovery' },
  {
    name: 'recover-document',
    title: 'offscreen page closed',
    unit: 's',
    digits: 1,
    step: 'recovery',
  },
  { name: 'recover-trap', title: 'WASM trap', unit: 's', digits: 1, step: 'recovery' },
] as const satisfies readonly Figure[];

export type FigureName = (typeof FIGURES)[number]['name'];

/** Everything that was measured. */
export class Samples {
  readonly #values = new Map<string, number[]>();

  add(figure: FigureName, peer: Peer, ...values: number[]): void {
    const key = `${figure} ${peer}`;
    this.#values.set(key, [...this.of(figure, peer), ...values]);
  }

  of(figure: FigureName, peer: Peer): readonly number[] {
    return this.#values.get(`${figure} ${peer}`) ?? [];
  }
}
