import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The file that Node runs as hubtab. */
export interface ProgramFile {
  readonly path: string;
  /** One file that needs nothing beside it, so it may be copied. */
  readonly isBundle: boolean;
}

export function programFile(): ProgramFile {
  const script = process.argv[1] ?? '';
  return {
    path: realpathSync(script),
    // In a checkout this file stands where it was written.
    isBundle: !existsSync(join(import.meta.dirname, 'program-file.ts')),
  };
}
