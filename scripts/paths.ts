import path from 'node:path';

/** The project's own folder. */
export const root = path.resolve(import.meta.dirname, '..');

/** What the project makes for itself and git ignores: programs, stamps, the demo's pictures. */
export const work = path.join(root, '.hubtab');

/** Headscale, tailscale and tailscaled, as `scripts/setup.mjs` puts them. */
export const bin = path.join(work, 'bin');
