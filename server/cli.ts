import { auditCommand } from './commands/audit.ts';
import { checkCommand } from './commands/check.ts';
import { backupCommand } from './commands/backup.ts';
import { restoreCommand } from './commands/restore.ts';
import { setupUrlCommand } from './commands/setup-url.ts';
import { startCommand } from './commands/start.ts';
import { pairingCodeCommand } from './commands/pairing-code.ts';
import { userCommand } from './commands/user.ts';
import { UsageError } from './commands/usage-error.ts';
import { ConfigError } from './config.ts';
import { errorText, scrub } from './log.ts';

const USAGE = `Usage:
  hubtab server start [--data DIR] [--listen HOST:PORT] [--public-url URL]
                      [--behind-proxy ADDRESS[,NETWORK…]]
                      [--headscale-listen HOST:PORT] [--headscale-public-url URL]
                      [--headscale-url URL --headscale-api-key-file FILE] [--headscale-binary FILE]
  hubtab server setup-url [--data DIR]
  hubtab server user add EMAIL [--admin] [--data DIR]
  hubtab server user list [--json] [--data DIR]
  hubtab server pairing-code EMAIL [--json] [--data DIR]
  hubtab server check [--json] [--data DIR]
  hubtab server backup [FILE] [--passphrase-file FILE | --no-encryption] [--data DIR]
  hubtab server restore FILE [--passphrase-file FILE] [--data DIR]
  hubtab server audit verify [--json] [--data DIR]
  hubtab server audit export [--data DIR]

The data directory is $HUBTAB_DATA or ~/.local/share/hubtab-server unless --data names one.
Where no option is given, HUBTAB_… variables hold (HUBTAB_PUBLIC_URL, HUBTAB_DATABASE_URL), then DIR/hubtab.yaml.
Exit status: 0 good, 1 failed, 2 wrong usage.
`;

/**
 * The server's command line.
 * @param argv without `node` and the script
 * @returns the exit status: 0 good, 1 failed, 2 wrong usage or configuration
 */
export async function runServerCli(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  try {
    if (command === 'start') return await startCommand(rest);
    if (command === 'setup-url') return await setupUrlCommand(rest);
    if (command === 'user') return await userCommand(rest);
    if (command === 'check') return await checkCommand(rest);
    if (command === 'backup') return await backupCommand(rest);
    if (command === 'restore') return await restoreCommand(rest);
    if (command === 'audit') return await auditCommand(rest);
    if (command === 'pairing-code') return await pairingCodeCommand(rest);
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
