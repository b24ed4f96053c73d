#!/usr/bin/env node
import { runHubCli } from './cli.ts';

if (process.argv[2] === 'server') {
  // A program of its own, which hubs do not have: beside the bundle, or in the source tree.
  process.argv.splice(2, 1);
  const program = import.meta.url.endsWith('.ts') ? '../server/main.ts' : './hubtab-server.mjs';
  await import(new URL(program, import.meta.url).href);
} else {
  // exitCode, not exit(): output to a pipe may still be on its way.
  process.exitCode = await runHubCli(process.argv.slice(2));
}
