import { UsageError } from './commands/usage-error.ts';
import { ConfigError } from './config.ts';
import { errorText, scrub } from './log.ts';

const USAGE = `Usage:
  hubtab server start [--data DIR] [--listen HOST:PORT] [--public-url URL]
                      [--behind-proxy ADDRESS[,NETWORK…]]
                      [--headscale-listen HOST:PORT] [--headscale-public-url URL]
                      [--relay-listen HOST:PORT]
                      [--headscale-url URL --headscale-api-key-file FILE] [--headscale-binary FILE]
  hubtab server relay [--listen HOST:PORT] [--data DIR]
  hubtab server setup-url [--data DIR]
  hubtab server user add EMAIL [--admin] [--data DIR]
  hubtab server user invite EMAIL [--admin] [--data DIR]
  hubtab server user disable|enable EMAIL [--data DIR]
  hubtab server user list [--json] [--data DIR]
  hubtab server pairing-code EMAIL [--json] [--data DIR]
  hubtab server check [--json] [--data DIR]
  hubtab server upgrade [--plan] [--data DIR]
  hubtab server backup [FILE] [--passphrase-file FILE | --no-encryption] [--data DIR]
  hubtab server restore FILE [--passphrase-file FILE] [--data DIR]
  hubtab server audit verify [--json] [--data DIR]
  hubtab server audit export [--data DIR]

The data directory is $HUBTAB_DATA or ~/.local/share/hubtab-server unless --data names one.
Where no option is given, HUBTAB_… variables hold (HUBTAB_PUBLIC_URL, HUBTAB_DATABASE_URL), then DIR/hubtab.yaml.
Exit status: 0 good, 1 failed, 2 wrong usage.
`;

/** Each is loaded when it is asked for: `start` alone needs half of the program. */
const COMMANDS = new Map<string, () => Promise<(args: string[]) => Promise<number>>>([
  ['start', async () => (await import('./commands/start.ts')).startCommand],
  ['relay', async () => (await import('./commands/relay.ts')).relayCommand],
  ['setup-url', async () => (await import('./commands/setup-url.ts')).setupUrlCommand],
  ['user', async () => (await import('./commands/user.ts')).userCommand],
  ['check', async () => (await import('./commands/check.ts')).checkCommand],
  ['upgrade', async () => (await import('./commands/upgrade.ts')).upgradeCommand],
  ['backup', async () => (await import('./commands/backup.ts')).backupCommand],
  ['restore', async () => (await import('./commands/restore.ts')).restoreCommand],
  ['audit', async () => (await import('./commands/audit.ts')).auditCommand],
  ['pairing-code', async () => (await import('./commands/pairing-code.ts')).pairingCodeCommand],
]);

/**
 * The server's command line.
 * @param argv without `node` and the script
 * @returns the exit status: 0 good, 1 failed, 2 wrong usage or configuration
 */
export async function runServerCli(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  try {
    const run = command === undefined ? undefined : COMMANDS.get(command);
    if (run) return await (await run())(rest);
    if (command === undefined || command === 'help' || command === '--help') {
      process.stdout.write(USAGE);
      return command === undefined ? 2 : 0;
    }
    throw new UsageError(`there is no command "${command}"`);
  } catch (error) {
    process.stderr.write(`hubtab server: ${scrub(errorText(error))}\n`);
    if (isUsageError(error)) {
      process.stderr.write(`\n${USAGE}`);
      return 2;
    }
    return error instanceof ConfigError ? 2 : 1;
  }
}

function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  // parseArgs throws TypeErrors with these codes for options that do not exist or lack their value.
  return (
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  );
}
