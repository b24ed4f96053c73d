import type { Fault } from '../protocol/contexts.ts';
import type { HubId } from '../protocol/ids.ts';
import type { HubJob, TabMessage, WorkerMessage } from '../protocol/terminal-port.ts';
import { handOver } from './hand-over.ts';
import { holdLock, whenGone } from './locks.ts';

/** Output that may be on its way to the page, bytes. */
const WINDOW_BYTES = 1024 * 1024;
/** Input that may be on its way to the hub, bytes, and the size of its pieces. */
const AHEAD_BYTES = 256 * 1024;
const PIECE_BYTES = 64 * 1024;
/** Most output that is kept for a result; the longest history is a tenth of it. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** The worker answers well within this, whatever it answers; silence means that it hangs. Longest is a join: 20 s. */
const SILENCE_MS = 30_000;

export interface HubJobOptions {
  /** Each piece of output, in order; if unset, all of it is kept for the result. */
  onOutput?: (bytes: Uint8Array) => void;
  input?: Blob;
  /** Bytes of input that the hub took so far. */
  onSent?: (bytes: number) => void;
  /** Ends the job on the hub too. */
  signal?: AbortSignal;
}

export interface JobEnd {
  /** Exit status; unset when a signal ended it. */
  code: number | undefined;
  stdout: Uint8Array<ArrayBuffer>;
  stderr: string;
}

/** The job did not run to its end; `fault` says why. */
export class JobError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.detail);
    this.name = 'JobError';
    this.fault = fault;
  }
}

let tabLock: Promise<string> | undefined;

/**
 * Runs one command on a hub, over the connection that its terminals use.
 * @throws JobError when it could not run, or was lost
 * @throws DOMException (AbortError) when the signal ended it
 */
export async function runHubJob(
  hubId: HubId,
  job: HubJob,
  options: HubJobOptions = {},
): Promise<JobEnd> {
  const { onOutput, input, onSent, signal } = options;
  signal?.throwIfAborted();
  const { port1, port2 } = new MessageChannel();
  const { promise, resolve, reject } = Promise.withResolvers<JobEnd>();
  const over = new AbortController();
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let keptBytes = 0;
  let sentBytes = 0;
  let acceptedBytes = 0;
  const post = (message: TabMessage) => port1.postMessage(message);
  const fail = (detail: string) => reject(new JobError({ code: 'worker-lost', detail }));
  let silence = setTimeout(() => fail('the worker does not answer'), SILENCE_MS);

  const sendMore = async () => {
    if (!input) return;
    while (sentBytes < input.size && sentBytes - acceptedBytes < AHEAD_BYTES) {
      const piece = input.slice(sentBytes, sentBytes + PIECE_BYTES);
      sentBytes += piece.size;
      const bytes = new Uint8Array(await piece.arrayBuffer());
      if (over.signal.aborted) return;
      port1.postMessage(bytes, [bytes.buffer]);
      if (sentBytes === input.size) post({ kind: 'end-input' });
    }
  };
  // One at a time, so that pieces stay in order.
  let sending = Promise.resolve();
  const send = () => {
    sending = sending
      .then(sendMore)
      .catch((error: unknown) => fail(`read the file: ${String(error)}`));
  };

  port1.addEventListener(
    'message',
    ({ data }: MessageEvent<WorkerMessage | Uint8Array<ArrayBuffer>>) => {
      clearTimeout(silence);
      if (data instanceof Uint8Array) {
        if (onOutput) onOutput(data);
        else kept.push(data);
        keptBytes += onOutput ? 0 : data.length;
        if (keptBytes > MAX_KEPT_BYTES) fail('the hub sends more than was asked for');
        post({ kind: 'grant', bytes: data.length });
        return;
      }
      switch (data.kind) {
        case 'hello':
          whenGone(data.workerLock, over.signal, () => fail('the worker is gone'));
          silence = setTimeout(() => fail('the worker does not answer'), SILENCE_MS);
          return;
        case 'accepted':
          acceptedBytes += data.bytes;
          onSent?.(acceptedBytes);
          send();
          return;
        case 'finished':
          resolve({ code: data.code, stdout: joined(kept), stderr: data.stderr });
          return;
        case 'failed':
          reject(new JobError(data.fault));
          return;
        case 'step':
        case 'opened':
        case 'path':
        case 'ended': // a terminal's
      }
    },
  );
  port1.start();
  const onAbort = () => reject(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort);
  try {
    tabLock ??= holdLock('tab');
    post({ kind: 'run', hubId, job, tabLock: await tabLock });
    post({ kind: 'grant', bytes: WINDOW_BYTES });
    if (input?.size === 0) post({ kind: 'end-input' });
    send();
    await handOver(port2);
    return await promise;
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener('abort', onAbort);
    over.abort();
    post({ kind: 'close' });
    port1.close();
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
