// Makes a fresh machine ready, then runs a script under the right Node. Plain Node >= 20, no dependency: it runs before
// anything is installed. Says each step on stderr, so that stdout stays the script's own.
//
//   node scripts/setup.mjs [--then SCRIPT [ARGUMENTS…]]

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);
const work = at('.hubtab');
const bin = path.join(work, 'bin');

/** The Node that the project runs on; npm brings it where the machine's is older. */
const NODE = JSON.parse(readFileSync(at('package.json'), 'utf8')).devDependencies.node;
const NODE_MAJOR = Number(NODE.split('.')[0]);

/** Go programs that tests and the demo run, each pinned by the module in its folder. */
const GO_PROGRAMS = [
  {
    module: 'tools/headscale',
    version: '0.29.3',
    packages: ['github.com/juanfont/headscale/cmd/headscale'],
    names: ['headscale'],
    versionArguments: ['version'],
  },
  {
    module: 'tools/tailscale',
    version: '1.102.5',
    packages: ['tailscale.com/cmd/tailscale', 'tailscale.com/cmd/tailscaled'],
    names: ['tailscale', 'tailscaled'],
    versionArguments: ['version'],
  },
  {
    module: 'tools/tailscale',
    version: '1.102.5',
    packages: ['tailscale.com/cmd/derper'],
    names: ['derper'],
    versionArguments: ['-version'],
  },
  // Tailscale's control clients by the hundred, for measurements.
  {
    module: 'tools/tailscale',
    version: '1.102.5',
    packages: ['./mapclients'],
    sources: ['mapclients/main.go'],
    names: ['map-clients'],
    versionArguments: ['--help'],
  },
  // Compose's own parser: what `docker compose config` runs.
  {
    module: 'tools/compose',
    version: '2.9.0',
    packages: ['.'],
    sources: ['main.go'],
    names: ['compose-config'],
    versionArguments: ['--help'],
  },
];

/** Programs of the system: what runs, the Debian package that brings it, and what it is for. */
const SYSTEM_PROGRAMS = [
  { commands: ['tmux'], debian: 'tmux' },
  { commands: ['chromium', 'chromium-browser', 'google-chrome'], debian: 'chromium' },
  // The other browser: the long tests do the main job in it.
  { commands: ['firefox-esr'], debian: 'firefox-esr', onlyWith: '--long' },
  // Makes the network client smaller.
  { commands: ['wasm-opt'], debian: 'binaryen' },
  // Full-screen programs that the tests draw in a terminal.
  { commands: ['vim'], debian: 'vim' },
  { commands: ['less'], debian: 'less' },
  { commands: ['top'], debian: 'procps' },
  { commands: ['vttest'], debian: 'vttest' },
  // A screen with a mouse and a selection: headless browsers have none.
  { commands: ['Xvfb'], debian: 'xvfb' },
  { commands: ['xdotool'], debian: 'xdotool' },
  { commands: ['xclip'], debian: 'xclip' },
  // Login shells that hubs' users have; the tests quote for each.
  { commands: ['zsh'], debian: 'zsh' },
  { commands: ['fish'], debian: 'fish' },
  // Checks the units of `hubtab hub service install`; nothing of it runs.
  { commands: ['systemd-analyze'], debian: 'systemd' },
  // Makes the fresh system on which the pasted line is tried.
  { commands: ['debootstrap'], folder: '/usr/share/debootstrap', debian: 'debootstrap' },
  // The server's other database, started by the tests. Debian keeps its programs out of PATH.
  { commands: ['postgres'], folder: '/usr/lib/postgresql', debian: 'postgresql' },
  // The small internet of the tests, and the forwarder that makes it slow.
  { commands: ['ip'], debian: 'iproute2' },
  { commands: ['python3'], debian: 'python3' },
  // Certificates for the proxies of the tests.
  { commands: ['openssl'], debian: 'openssl' },
  // The bench's native peer.
  { commands: ['ssh'], debian: 'openssh-client' },
];

const started = Date.now();
const step = (text) =>
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);

class SetupError extends Error {}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (done.error || done.status !== 0) {
    const said = `${done.stdout ?? ''}${done.stderr ?? ''}`
      .trim()
      .split('\n')
      .slice(-25)
      .join('\n');
    throw new SetupError(`${command} ${args.join(' ')}\n${done.error?.message ?? said}`);
  }
  return done.stdout;
}

const digest = (...texts) => createHash('sha256').update(texts.join('\0')).digest('hex');
const fileDigest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Does a step only when what it depends on has changed since it last succeeded. */
function onceFor(name, key, isThere, act) {
  const stamp = path.join(work, 'stamps', name);
  if (isThere() && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  act();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
}

function installPackages() {
  const key = digest(readFileSync(at('package-lock.json'), 'utf8'), NODE);
  onceFor(
    'npm',
    key,
    () => existsSync(at('node_modules/.package-lock.json')),
    () => {
      step('Installing packages');
      run('npm', [
        'exec',
        '--yes',
        `--package=node@${NODE}`,
        '--',
        'npm',
        'ci',
        '--no-fund',
        '--no-audit',
      ]);
      const node = at('node_modules/.bin/node');
      const version = run(node, ['--version']).trim();
      if (!version.startsWith(`v${NODE_MAJOR}.`))
        throw new SetupError(`npm installed Node ${version} where ${NODE} was asked for`);
    },
  );
}

function findProgram(name) {
  for (const directory of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(directory, name);
    if (directory && existsSync(file)) return file;
  }
  return null;
}

function installSystemPrograms() {
  const missing = SYSTEM_PROGRAMS.filter(
    ({ commands, folder, onlyWith }) =>
      (!onlyWith || process.argv.includes(onlyWith)) &&
      !commands.some(findProgram) &&
      !(folder && existsSync(folder)),
  ).map(({ debian }) => debian);
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (!findProgram('apt-get'))
    throw new SetupError(
      `Missing: ${list}. Install them with your system's package manager, then run this again.`,
    );
  const isRoot = process.getuid?.() === 0;
  const canSudo = !isRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!isRoot && !canSudo)
    throw new SetupError(
      `Missing: ${list}. Run this, then try again:\n  sudo apt-get install --no-install-recommends ${list}`,
    );
  step(`Installing ${list}`);
  const [command, ...before] = isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run(command, [...before, 'update', '-q'], { env });
  run(command, [...before, 'install', '-y', '-q', '--no-install-recommends', ...missing], { env });
}

function findGo() {
  const go = findProgram('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(existsSync);
  const wanted =
    'Go 1.26 is needed to build Headscale and the network client: https://go.dev/doc/install';
  if (!go) throw new SetupError(wanted);
  const version = run(go, ['env', 'GOVERSION'], { env: goEnvironment() }).trim();
  // Built with Go 1.27, Headscale 0.29.3 never completes a map response.
  if (!/^go1\.26(\.|$)/.test(version)) throw new SetupError(`${wanted}\n${go} is ${version}.`);
  // What runs after this finds the same Go.
  if (!findProgram('go'))
    process.env.PATH = `${path.dirname(go)}${path.delimiter}${process.env.PATH}`;
  return { go, version };
}

function goEnvironment() {
  return { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', CGO_ENABLED: '0' };
}

function buildGoPrograms() {
  const { go, version: goVersion } = findGo();
  mkdirSync(bin, { recursive: true });
  for (const program of GO_PROGRAMS) {
    const { module, version, packages, names, versionArguments, sources = [] } = program;
    const sums = ['go.mod', 'go.sum', ...sources].map((file) =>
      readFileSync(at(module, file), 'utf8'),
    );
    const areThere = () => names.every((name) => existsSync(path.join(bin, name)));
    onceFor(names[0], digest(...sums, goVersion), areThere, () => {
      for (const name of names.flatMap((name) => [name, `${name}.sha256`]))
        rmSync(path.join(bin, name), { force: true });
      const found = names.map((name) => systemProgram(name, version, versionArguments));
      if (found.every(Boolean)) {
        step(`Using ${found.join(', ')}`);
        for (const [i, name] of names.entries()) symlinkSync(found[i], path.join(bin, name));
        return;
      }
      step(`Building ${names.join(' and ')} ${version} (once)`);
      // Several programs are called like their packages.
      const to = names.length === 1 ? path.join(bin, names[0]) : `${bin}/`;
      run(go, ['build', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', to, ...packages], {
        cwd: at(module),
        env: goEnvironment(),
      });
      // The server compares Headscale's before each start.
      for (const name of names) {
        const file = path.join(bin, name);
        writeFileSync(`${file}.sha256`, `${fileDigest(file)}\n`);
      }
    });
  }
}

/** The machine's own program, when it is of exactly the pinned version. */
function systemProgram(name, version, versionArguments) {
  const file = findProgram(name);
  if (!file || file.startsWith(bin)) return null;
  const said = spawnSync(file, name === 'tailscaled' ? ['--version'] : versionArguments, {
    encoding: 'utf8',
  });
  return said.stdout?.split(/\s/).some((word) => word.replace(/^v/, '') === version) ? file : null;
}

function setUp() {
  installPackages();
  installSystemPrograms();
  buildGoPrograms();
}

/** Runs a script of the project under its own Node, and ends as it ends. */
async function runThen([script, ...args]) {
  const file = path.resolve(root, script);
  if (Number(process.versions.node.split('.')[0]) === NODE_MAJOR) {
    process.argv = [process.execPath, file, ...args];
    await import(pathToFileURL(file).href);
    return;
  }
  const node = at('node_modules/.bin/node');
  const env = {
    ...process.env,
    PATH: `${at('node_modules/.bin')}${path.delimiter}${process.env.PATH}`,
  };
  const child = spawn(node, [file, ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

try {
  setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`\nSet-up stopped.\n${error.message}\n`);
  process.exit(1);
}
const then = process.argv.indexOf('--then');
if (then > 0) await runThen(process.argv.slice(then + 1));
else step('Ready');
