import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { composeFile } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { HubtabError } from '../hubtab-error.ts';
import { parseServerAddress } from '../server-address.ts';
import type { Command } from '../command.ts';

const usage = 'SERVER [--name NAME] [--token-file FILE]';

export const composeCommand: Command = {
  verb: 'compose',
  usage,
  summary:
    'print a compose file for a hub in a container, with tailscaled, tmux and the agents in it',
  run(args, context) {
    const { values, positionals } = parseOrUsage('hub compose', usage, () =>
      parseArgs({
        args,
        allowPositionals: true,
        options: { name: { type: 'string' }, 'token-file': { type: 'string' } },
      }),
    );
    const [server, ...more] = positionals;
    const name = values.name ?? 'container';
    const tokenFile = values['token-file'] ?? './join-token';
    if (server === undefined || more.length > 0 || /\p{C}/u.test(name + tokenFile)) {
      throw new HubtabError(EXIT.usage, `Usage: hubtab hub compose ${usage}`);
    }
    const serverUrl = parseServerAddress(server);
    context.out(composeFile({ serverUrl, name, tokenFile }).trimEnd());
    return Promise.resolve(EXIT.ok);
  },
};
