import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireHubFile } from '../hub-file.ts';
import { checkPrerequisites } from '../hub-setup.ts';
import { HubtabError } from '../hubtab-error.ts';
import { lockHolder, withLock } from '../lock.ts';
import { becomeNewVersion, watchProgram } from '../new-version.ts';
import { hubPaths } from '../paths.ts';
import { supervise } from '../supervise.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

const usage = '[--tailscaled-dir DIR]';

export const runCommand: Command = {
  verb: 'run',
  usage,
  summary: 'keep this hub online until SIGTERM; what the services of `hub service install` run',
  async run(args, context) {
    const { values } = parseOrUsage('hub run', usage, () =>
      parseArgs({ args, options: { 'tailscaled-dir': { type: 'string' } } }),
    );
    return runInForeground(context, values['tailscaled-dir']);
  },
};

/** Returns after SIGTERM or SIGINT, with tailscaled stopped and agents running; goes on as a new version that is installed. */
export async function runInForeground(
  context: CliContext,
  tailscaledDir: string | undefined,
): Promise<ExitCode> {
  const paths = hubPaths(context.env);
  const known = requireHubFile(paths);
  const setup = await checkPrerequisites(
    context,
    {
      option: tailscaledDir,
      remembered: known.tailscaleDir,
    },
    known,
  );
  const other = lockHolder(paths.runLockFile);
  if (other !== undefined) {
    throw new HubtabError(
      EXIT.conflict,
      `\`hubtab hub run\` runs already (process ${other}); it keeps this hub online.`,
    );
  }
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const isReplaced = watchProgram(context.env);
  await withLock(paths.runLockFile, 5000, async () => {
    const work = supervise(setup, isReplaced, stop.signal);
    const stopped = new Promise<void>((resolve) => {
      stop.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    let isHandedOver = false;
    // Stopping does not wait for a network that does not answer: without its daemon the step at hand fails at once.
    try {
      await Promise.race([work, stopped]);
      isHandedOver = !stop.signal.aborted;
      if (isHandedOver) return;
      await setup.tailscaled.stop();
      await work;
    } finally {
      // Again: the step at hand may have been about to start it.
      if (!isHandedOver) await setup.tailscaled.stop();
    }
  });
  if (!stop.signal.aborted) {
    context.say('A new version is installed; going on as that.');
    becomeNewVersion(paths);
  }
  context.say('Stopped; agents go on.');
  return EXIT.ok;
}
