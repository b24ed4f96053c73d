import { parseArgs } from 'node:util';
import { checkFurther, checkServer } from '../checks.ts';
import { readSettings } from '../config-sources.ts';
import { parseConfig } from '../config.ts';
import { dataDirectory } from './data-option.ts';

/** `check [--json]`: says in words what is wrong. Exit status 1 if something failed; warnings alone are good. */
export async function checkCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const config = parseConfig(readSettings(dataDirectory(values.data)));
  const findings = [...(await checkServer({ config })), ...(await checkFurther({ config }))];
  const signs = { good: '✓', warning: '!', failed: '✗' };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(findings)}\n`
      : findings
          .map(({ name, state, text }) => `${signs[state]} ${name.padEnd(11)} ${text}\n`)
          .join(''),
  );
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}
