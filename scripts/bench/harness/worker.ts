import { installFetch } from '../../../entrypoints/offscreen/control-servers.ts';
import { installSockets } from '../../../entrypoints/offscreen/sockets.ts';
import { relay } from '../../../lib/relay.ts';
import type { BrowserKey } from '../../../protocol/hubs.ts';
import type { BenchClient, Steps } from './client.ts';
import {
  downloadRate,
  echoTimes,
  secondTerminal,
  shellDownloadRate,
  uploadRate,
} from './measure.ts';
import { OurClient } from './ours.ts';
import { UpstreamBench } from './upstream.ts';

/** The worker that is measured: one client, named by the worker's own name. Every time is taken in here. */
const scope = globalThis as unknown as Worker & { name: string };

// A debugger's connection would get every line, and its cost would be part of the figures.
for (const method of ['debug', 'log', 'info', 'warn'] as const) console[method] = () => {};
installSockets();
const isUpstream = scope.name === 'upstream';
if (!isUpstream) installFetch();
const client: BenchClient = isUpstream ? new UpstreamBench() : new OurClient();

let instantiatedMs = 0;
let memory: WebAssembly.Memory | undefined;
const note = (instance: WebAssembly.Instance) => {
  instantiatedMs = performance.now();
  memory = instance.exports['mem'] as WebAssembly.Memory;
};
// Upstream's client is started by the one, ours by the other.
const { instantiate, instantiateStreaming } = WebAssembly;
WebAssembly.instantiateStreaming = async (source, imports) => {
  const result = await instantiateStreaming.call(WebAssembly, source, imports);
  note(result.instance);
  return result;
};
WebAssembly.instantiate = (async (module: WebAssembly.Module, imports?: WebAssembly.Imports) => {
  const instance = await instantiate.call(WebAssembly, module, imports);
  note(instance);
  return instance;
}) as typeof WebAssembly.instantiate;

async function cold(key: BrowserKey): Promise<Steps['cold']['reply']> {
  const startMs = performance.now();
  await client.start();
  const readyMs = performance.now();
  await client.join(key);
  const joinedMs = performance.now();
  const { promptMs } = await secondTerminal(client);
  return {
    compileMs: instantiatedMs - startMs,
    initMs: readyMs - instantiatedMs,
    joinMs: joinedMs - readyMs,
    firstMs: promptMs,
    // A worker's clock starts with the worker.
    coldMs: joinedMs + promptMs,
  };
}

async function second(): Promise<Steps['second']['reply']> {
  const { channel, shellMs, promptMs } = await secondTerminal(client);
  channel.close();
  return { shellMs, promptMs };
}

async function terminals(count: number): Promise<null> {
  for (let opened = 0; opened < count; opened += 1) await secondTerminal(client);
  return null;
}

const steps: { [K in keyof Steps]: (ask: Steps[K]['ask']) => Promise<Steps[K]['reply']> } = {
  cold: ({ key }) => cold(key),
  join: async ({ key }) => {
    await client.join(key);
    return null;
  },
  second,
  echo: ({ keys, pauseMs }) => echoTimes(client, keys, pauseMs),
  download: (bulk) => downloadRate(client, bulk),
  upload: (bulk) => uploadRate(client, bulk),
  'shell-download': (bulk) => shellDownloadRate(client, bulk),
  terminals: ({ count }) => terminals(count),
  memory: async () => ({
    wasmBytes: memory?.buffer.byteLength ?? 0,
    heapBytes: client.heapBytes(),
  }),
};

relay(scope, (kind, ask) => steps[kind as keyof Steps](ask as never));
