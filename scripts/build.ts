import { buildBundles } from './build-bundles.ts';
import { buildExtension } from './build-extension.ts';
import { buildWasm } from './build-wasm.ts';

/** `npm run build`: everything that is shipped. */
await buildWasm();
await buildBundles();
process.stderr.write(`Extension: ${await buildExtension('production')}\n`);
