import { buildBundles } from './build-bundles.ts';
import { runServerCli } from '../server/cli.ts';

/** `npm run server`: the control server from the sources, with the hub program that it hands out. */
await buildBundles();
process.exitCode = await runServerCli(process.argv.slice(2));
