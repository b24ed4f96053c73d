import { parseArgs } from 'node:util';
import { parseOrUsage } from '../command.ts';
import { checkHub } from '../doctor-hub.ts';
import { checkMachine } from '../doctor-machine.ts';
import { EXIT } from '../exit-codes.ts';
import { printable } from '../text.ts';
import type { Command } from '../command.ts';

const usage = '[--json]';
const MARKS = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;

export const doctorCommand: Command = {
  verb: 'doctor',
  usage,
  summary: 'look for whatever keeps this hub from working, each with the command that mends it',
  async run(args, context) {
    const { values } = parseOrUsage('hub doctor', usage, () =>
      parseArgs({ args, options: { json: { type: 'boolean' } } }),
    );
    const findings = [...(await checkMachine(context)), ...(await checkHub(context))];
    if (values.json) context.out(JSON.stringify(findings, null, 2));
    else {
      for (const { level, text, fix } of findings) {
        context.out(`${MARKS[level]}  ${printable(text)}`);
        if (fix !== null) context.out(`         mend it: ${printable(fix)}`);
      }
    }
    return findings.some(({ level }) => level === 'problem') ? EXIT.failed : EXIT.ok;
  },
};
