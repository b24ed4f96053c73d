import { runServerCli } from './cli.ts';

process.exitCode = await runServerCli(process.argv.slice(2));
