#!/usr/bin/env node
import { runHubCli } from './cli.ts';

// exitCode, not exit(): output to a pipe may still be on its way.
process.exitCode = await runHubCli(process.argv.slice(2));
