import type { BenchChannel, BenchClient, Bulk } from './client.ts';

/** Bytes for one `write`: what a browser pastes in one piece, and below every window on the way. */
const WRITE_BYTES = 32 * 1024;

/** Waits for the first output and for totals of output. */
class Output {
  #length = 0;
  #text = '';
  #wanted: { length: number; resolve: () => void } | undefined;

  readonly take = (output: Uint8Array | string): void => {
    this.#length += output.length;
    if (this.#text.length < 200 && output.length < 200)
      this.#text += typeof output === 'string' ? output : new TextDecoder().decode(output);
    if (this.#wanted && this.#length >= this.#wanted.length) this.#wanted.resolve();
  };

  /** Start of the output, when it came in small pieces. */
  get text(): string {
    return this.#text;
  }

  get length(): number {
    return this.#length;
  }

  /** Resolves when so much has come in all. */
  reaches(length: number): Promise<void> {
    if (this.#length >= length) return Promise.resolve();
    return new Promise((resolve) => (this.#wanted = { length, resolve }));
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Bytes a ms are kB/s. */
const megabytesPerSecond = (bytes: number, ms: number) => bytes / ms / 1000;

/** Opens one more terminal. The prompt's first byte may come before the shell is reported as started. */
export async function secondTerminal(
  client: BenchClient,
): Promise<{ shellMs: number; promptMs: number; channel: BenchChannel }> {
  const startMs = performance.now();
  const output = new Output();
  const prompt = output.reaches(1).then(() => performance.now() - startMs);
  const channel = await client.openShell(output.take);
  const shellMs = performance.now() - startMs;
  return { shellMs, promptMs: await prompt, channel };
}

/** Opens a shell whose terminal passes bytes through unchanged, and waits until it does. */
async function rawShell(client: BenchClient): Promise<{ channel: BenchChannel; output: Output }> {
  const output = new Output();
  const channel = await client.openShell(output.take);
  await output.reaches(1);
  await channel.write('stty raw -echo\r');
  await pause(500);
  return { channel, output };
}

/** Round trips of single keys through a PTY and `cat`, ms each. */
export async function echoTimes(client: BenchClient, keys: number, pauseMs: number) {
  const { channel, output } = await rawShell(client);
  await channel.write('exec cat\r');
  await pause(500);
  const times: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    const startMs = performance.now();
    const echoed = output.reaches(output.length + 1);
    await channel.write('k');
    await echoed;
    times.push(performance.now() - startMs);
    await pause(pauseMs);
  }
  channel.close();
  return times;
}

/** Rate of output of a command without a PTY, after a warm-up on the same channel. */
export async function downloadRate(client: BenchClient, { warmUpBytes, bytes }: Bulk) {
  if (!client.exec) return null;
  const output = new Output();
  const channel = await client.exec(downloadCommand({ warmUpBytes, bytes }), output.take);
  await output.reaches(warmUpBytes);
  const startMs = performance.now();
  await channel.write('\n');
  await output.reaches(warmUpBytes + bytes);
  const elapsedMs = performance.now() - startMs;
  channel.close();
  return megabytesPerSecond(bytes, elapsedMs);
}

export function downloadCommand({ warmUpBytes, bytes }: Bulk): string {
  return `head -c ${warmUpBytes} /dev/urandom; read -r _; head -c ${bytes} /dev/urandom`;
}

/** Rate of input of a command; ends when the other side has counted it all. */
export async function uploadRate(client: BenchClient, { warmUpBytes, bytes }: Bulk) {
  if (!client.exec) return null;
  const output = new Output();
  const channel = await client.exec(uploadCommand({ warmUpBytes, bytes }), output.take);
  await writeAll(channel, warmUpBytes);
  await output.reaches('ready\n'.length);
  const startMs = performance.now();
  await writeAll(channel, bytes);
  await output.reaches(`ready\n${bytes}\n`.length);
  const elapsedMs = performance.now() - startMs;
  if (!output.text.includes(String(bytes))) throw new Error(`upload: counted ${output.text}`);
  channel.close();
  return megabytesPerSecond(bytes, elapsedMs);
}

export function uploadCommand({ warmUpBytes, bytes }: Bulk): string {
  return `head -c ${warmUpBytes} >/dev/null; echo ready; head -c ${bytes} | wc -c`;
}

async function writeAll(channel: BenchChannel, bytes: number): Promise<void> {
  const whole = 'x'.repeat(WRITE_BYTES);
  for (let left = bytes; left > 0; left -= WRITE_BYTES)
    await channel.write(left < WRITE_BYTES ? whole.slice(0, left) : whole);
}

/** Rate of output typed for in an interactive shell: the one bulk that upstream's client can do. */
export async function shellDownloadRate(client: BenchClient, { warmUpBytes, bytes }: Bulk) {
  const { channel, output } = await rawShell(client);
  const print = async (count: number) => {
    const end = output.length + count;
    // Three bytes give four characters.
    await channel.write(`head -c ${(count / 4) * 3} /dev/urandom | base64 -w0\r`);
    await output.reaches(end);
  };
  await print(warmUpBytes);
  await pause(500);
  const startMs = performance.now();
  await print(bytes);
  const elapsedMs = performance.now() - startMs;
  channel.close();
  return megabytesPerSecond(bytes, elapsedMs);
}
