import { openRelay } from './derp-bridge.ts';
import type { TailnetClient } from '../../wasm/node.d.ts';

/** Go's own glue, from the toolchain that built the program: it defines this class as a global. */
interface GoProgram {
  importObject: WebAssembly.Imports;
  env: Record<string, string>;
  run(instance: WebAssembly.Instance): Promise<void>;
}
declare global {
  var Go: new () => GoProgram;
  /** The part of Node's `fs` that Go's glue writes standard output and error to. */
  var fs: { writeSync(fd: number, bytes: Uint8Array): number };
}

/** Heap growth before a collection, per cent. Lower saves memory, which WASM never gives back; higher saves time. */
const GOGC = '75';

/**
 * Starts the tailnet program.
 * @param onExit called once with the last lines it wrote, if it ever ends: a Go panic ends the whole program
 */
export async function startTailnet(onExit: (lastWords: string) => void): Promise<TailnetClient> {
  const compiling = WebAssembly.compileStreaming(fetch('/tailnet.wasm'));
  const glue = '/wasm_exec.js';
  await import(/* @vite-ignore */ glue);
  const go = new Go();
  go.env = { GOGC };
  const lastWords = keepLastWords();
  const instance = await WebAssembly.instantiate(await compiling, go.importObject);
  return new Promise((resolve, reject) => {
    globalThis.hubtabBoot = { ready: resolve, log: (line) => console.debug(line), openRelay };
    go.run(instance).then(() => {
      onExit(lastWords());
      reject(new Error('the tailnet program ended while starting'));
    }, reject);
  });
}

/** Keeps the end of what the program writes to standard error: after a panic that is its stack. */
function keepLastWords(): () => string {
  const decoder = new TextDecoder();
  let text = '';
  globalThis.fs.writeSync = (_fd, bytes) => {
    text = (text + decoder.decode(bytes, { stream: true })).slice(-16_384);
    return bytes.length;
  };
  return () => text;
}
