import { parseArgs } from 'node:util';
import { buildBundles } from './build-bundles.ts';
import { startStack } from './stack/start.ts';

/** `npm run stack`: the real parts without a browser, for tests, benchmarks and manual work, until SIGTERM. */

function count(value: string | undefined, otherwise: number, name: string): number {
  const number = value === undefined ? otherwise : Number(value);
  if (Number.isSafeInteger(number) && number >= 0 && number <= 65_535) return number;
  process.stderr.write(
    `--${name}: expected a number from 0 to 65535, got ${JSON.stringify(value)}\n`,
  );
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    accounts: { type: 'string' },
    hubs: { type: 'string' },
    dir: { type: 'string' },
    port: { type: 'string' },
  },
});
const ending = Promise.withResolvers<void>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => ending.resolve());

await buildBundles();
const stack = await startStack({
  accounts: count(values.accounts, 1, 'accounts'),
  hubs: count(values.hubs, 1, 'hubs'),
  port: count(values.port, 0, 'port'),
  ...(values.dir ? { dir: values.dir } : {}),
});
process.stdout.write(`${JSON.stringify(stack.info)}\n`);
await ending.promise;
await stack.stop();
process.exit(0);
