import type { Samples, Step } from './figures.ts';
import type { Bulk } from './harness/client.ts';
import { downloadCommand, uploadCommand } from './harness/measure.ts';
import { NativeNode } from './native-node.ts';
import { SshProcess } from './native-ssh.ts';
import type { Scene } from './scene.ts';
import { ECHO, SECOND_TERMINALS } from './session-plan.ts';
import { percentile } from './statistics.ts';

/** The same session as the browser's clients have, with OpenSSH through a tailscaled. */
export async function nativeSession(
  scene: Scene,
  steps: ReadonlySet<Step>,
  samples: Samples,
): Promise<void> {
  const { bulk } = scene;
  const key = await scene.newKey();
  const startMs = performance.now();
  const node = await NativeNode.start(key, scene);
  try {
    const readyMs = performance.now();
    await node.join();
    const joinedMs = performance.now();
    // The others share one connection as our channels do.
    const first = new SshProcess(node.ssh('shared', '-tt'));
    try {
      await first.reaches(1);
      const promptMs = performance.now();
      await node.mustBeRelayed();
      if (steps.has('start')) {
        samples.add('init', 'native', readyMs - startMs);
        samples.add('join', 'native', joinedMs - readyMs);
        samples.add('first', 'native', promptMs - joinedMs);
        samples.add('cold', 'native', promptMs - startMs);
        samples.add('rss-1', 'native', await node.rssMiB());
      }
      if (steps.has('second'))
        for (let i = 0; i < SECOND_TERMINALS; i += 1)
          samples.add('second-prompt', 'native', await second(node));
    } finally {
      await first.stop();
    }
    if (steps.has('echo')) {
      const times = await echoTimes(node);
      samples.add('echo-p50', 'native', percentile(times, 50));
      samples.add('echo-p99', 'native', percentile(times, 99));
    }
    if (steps.has('download')) samples.add('download', 'native', await download(node, bulk));
    if (steps.has('upload')) samples.add('upload', 'native', await upload(node, bulk));
  } finally {
    await node.stop();
  }
}

async function using<T>(
  command: readonly string[],
  use: (ssh: SshProcess) => Promise<T>,
): Promise<T> {
  const ssh = new SshProcess(command);
  try {
    return await use(ssh);
  } finally {
    await ssh.stop();
  }
}

async function second(node: NativeNode): Promise<number> {
  const startMs = performance.now();
  return using(node.ssh('shared', '-tt'), async (ssh) => {
    await ssh.reaches(1);
    return performance.now() - startMs;
  });
}

function echoTimes(node: NativeNode): Promise<number[]> {
  const command = 'stty raw -echo; echo; exec cat';
  return using(node.ssh('alone', '-tt', command), async (ssh) => {
    await ssh.reaches(1);
    await pause(500);
    const times: number[] = [];
    for (let key = 0; key < ECHO.keys; key += 1) {
      const startMs = performance.now();
      const echoed = ssh.reaches(ssh.length + 1);
      await ssh.write('k');
      await echoed;
      times.push(performance.now() - startMs);
      await pause(ECHO.pauseMs);
    }
    return times;
  });
}

function download(node: NativeNode, bulk: Bulk): Promise<number> {
  return using(node.ssh('alone', downloadCommand(bulk)), async (ssh) => {
    await ssh.reaches(bulk.warmUpBytes);
    const startMs = performance.now();
    await ssh.write('\n');
    await ssh.reaches(bulk.warmUpBytes + bulk.bytes);
    return bulk.bytes / (performance.now() - startMs) / 1000;
  });
}

function upload(node: NativeNode, bulk: Bulk): Promise<number> {
  return using(node.ssh('alone', uploadCommand(bulk)), async (ssh) => {
    await ssh.write(new Uint8Array(bulk.warmUpBytes));
    await ssh.reaches('ready\n'.length);
    const startMs = performance.now();
    await ssh.write(new Uint8Array(bulk.bytes));
    await ssh.reaches(`ready\n${bulk.bytes}\n`.length);
    return bulk.bytes / (performance.now() - startMs) / 1000;
  });
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
