import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Harness } from './build-harness.ts';
import type { Samples } from './figures.ts';

/** The highest, 11, gives 13 per cent less, and takes two minutes a file. */
const BROTLI_QUALITY = 9;

/** Sizes of both programs as built and as they travel. */
export async function measureSizes(harness: Harness, samples: Samples): Promise<void> {
  const files = [
    ['ours', harness.oursWasm],
    ['upstream', harness.upstreamWasm],
  ] as const;
  for (const [peer, file] of files) {
    const bytes = await readFile(file);
    const zipped = await promisify(gzip)(bytes, { level: 9 });
    const brotlied = await promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    });
    samples.add('wasm-raw', peer, bytes.length / 1e6);
    samples.add('wasm-gzip', peer, zipped.length / 1e6);
    samples.add('wasm-brotli', peer, brotlied.length / 1e6);
  }
}
