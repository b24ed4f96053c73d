import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extensionDirectory } from '../../scripts/build-extension.ts';
import { findChromium, launchBrowser, type ExtensionBrowser } from '../../scripts/chromium.ts';
import {
  clickSession,
  openPopup,
  signInWithCode,
  typeLine,
  whenScreen,
} from '../../scripts/driver.ts';
import { addBenchPage } from '../../scripts/bench/build-harness.ts';
import { browserSession } from '../../scripts/bench/browser-session.ts';
import { FIGURES, Samples, type Step } from '../../scripts/bench/figures.ts';
import { nativeSession } from '../../scripts/bench/native-session.ts';
import type { Scene } from '../../scripts/bench/scene.ts';
import { median } from '../../scripts/bench/statistics.ts';
import { within } from '../../scripts/bench/within.ts';
import { bin } from '../../scripts/paths.ts';
import { Counter } from '../../scripts/recovery/counter.ts';
import { hubUser } from '../../scripts/stack/hub-user.ts';
import { placePrograms, StackHub } from '../../scripts/stack/hub.ts';
import type { Front } from '../../scripts/stack/start.ts';
import { until } from '../e2e/stage.ts';
import { TokenSet } from '../../protocol/account.ts';
import { BrowserKey } from '../../protocol/hubs.ts';
import { Internet } from './internet.ts';
import {
  makeCertificate,
  removeCertificate,
  startProxy,
  type Certificate,
  type Proxy,
} from './proxies.ts';

/**
 * Server, hubs and browser on machines of their own, with nothing between them but the server's port 443: by the command
 * line, the configurations of `deploy/`, and a real browser. The tests are one story and build on each other.
 * Only root can make network namespaces.
 */
const NAME = 'hubtab.test';
const EMAIL = 'ana@example.test';
const MAIN = path.resolve(import.meta.dirname, '..', '..', 'server', 'main.ts');

/** As of the outage of control: a reattachment is seen by its state. */
const HICCUP_MS = 5000;

const cleanups: (() => Promise<unknown>)[] = [];
let internet: Internet;
let certificate: Certificate;
let directory: string;
let control: Program;
let front: Front;
let browser: ExtensionBrowser;
let counter: Counter;
const hubs: { id: string; hub: StackHub }[] = [];

const server = () => internet.host('server');
const dataDir = () => path.join(directory, server().namespace);
const firstHub = () => {
  const [hub] = hubs;
  if (!hub) throw new Error('invariant: there is a hub');
  return hub;
};

async function headscalePid(): Promise<number> {
  const file = path.join(dataDir(), 'headscale', 'headscale.pid');
  return Number(await readFile(file, 'utf8').catch(() => NaN));
}

/** Runs `hubtab server …` on the server's host. */
function serverCli(...args: string[]): Promise<string> {
  return server().mustRun([process.execPath, MAIN, ...args, '--data', dataDir()]);
}

/** Starts a program on the server's host, and waits for what it says. */
async function startThere(argv: readonly string[], words: string): Promise<Program> {
  const child = server().start(argv);
  let said = '';
  const ready = Promise.withResolvers<void>();
  for (const output of [child.stdout, child.stderr])
    output?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(words)) ready.resolve();
    });
  const ended = once(child, 'exit');
  void ended.then(() => ready.reject(new Error(`it ended: ${said}`)));
  ready.promise.catch(() => {}); // it ends, after all
  await within(60_000, `it says "${words}"`, ready.promise);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

interface Program {
  stop(): Promise<void>;
}

async function startServer(...more: string[]): Promise<void> {
  const publicly = ['--public-url', `https://${NAME}`, '--behind-proxy', '127.0.0.1'];
  const binary = ['--headscale-binary', path.join(bin, 'headscale')];
  const command = [process.execPath, MAIN, 'start', '--data', dataDir()];
  control = await startThere([...command, ...publicly, ...binary, ...more], 'server is running.');
}

async function startFront(proxy: Proxy, relay?: number): Promise<void> {
  const host = server();
  const ports = { server: 8080, headscale: 8085, ...(relay === undefined ? {} : { relay }) };
  const start = host.start.bind(host);
  const place = { name: NAME, address: host.address, port: 443, start };
  front = await startProxy(proxy, certificate, ports, place);
}

async function pairingCode(): Promise<string> {
  const { code } = JSON.parse(await serverCli('pairing-code', EMAIL, '--json')) as { code: string };
  return code;
}

async function signInNew(): Promise<ExtensionBrowser> {
  const host = internet.host('browser');
  const program = await host.writeLauncher(path.join(directory, 'chromium'), findChromium());
  const launched = await launchBrowser({
    extension: path.join(directory, 'extension'),
    program,
    trustedKey: certificate.spki,
  });
  cleanups.push(() => launched.close());
  await signInWithCode(launched, `https://${NAME}`, await pairingCode());
  return launched;
}

/** The line that the options page offers. */
async function joinLine(): Promise<string> {
  const page = await browser.open('options.html#add-hub');
  const line = await page.locator('.copy-line code').first().innerText();
  await page.close();
  return line;
}

/** A key as a browser gets one, for native clients as well. */
async function browserKey(): Promise<BrowserKey> {
  const post = async (address: string, body: object, ...more: string[]): Promise<unknown> => {
    const json = ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)];
    const trust = ['--cacert', certificate.authority];
    const url = `https://${NAME}${address}`;
    return JSON.parse(
      await internet.host('browser').mustRun(['curl', '-fsS', ...trust, ...json, ...more, url]),
    );
  };
  const { access_token: token } = TokenSet.parse(
    await post('/v1/pair', { code: await pairingCode() }),
  );
  const bearer = ['-H', `Authorization: Bearer ${token}`];
  return BrowserKey.parse(await post(`/v1/hubs/${firstHub().id}/browser-key`, {}, ...bearer));
}

async function opensTerminal(of: ExtensionBrowser, hubId: string): Promise<void> {
  const popup = await openPopup(of);
  const terminal = await clickSession(of, popup, hubId, 'work');
  await typeLine(terminal, 'clear; echo $((6 * 7))-answers');
  await whenScreen(terminal, /^42-answers/);
  await terminal.close();
  await popup.close();
}

describe.runIf(userInfo().uid === 0)('a small internet', () => {
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'hubtab-internet-'));
    cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    certificate = await makeCertificate(NAME);
    cleanups.push(() => removeCertificate(certificate));
    internet = await Internet.start('server');
    cleanups.push(() => internet.stop());
    for (const name of ['server', 'hub1', 'hub2', 'browser']) await internet.addHost(name);
    await internet.name(NAME);
    await cp(extensionDirectory('e2e'), path.join(directory, 'extension'), { recursive: true });
    await startServer();
    await startFront('caddy');
    await serverCli('user', 'add', EMAIL, '--admin');
    browser = await signInNew();

    const user = await hubUser();
    await user.own(directory);
    const programs = await placePrograms(path.join(directory, 'bin'));
    for (const name of ['hub1', 'hub2']) {
      const there = internet.host(name).user(user);
      const home = path.join(directory, name);
      const hub = new StackHub(name, home, there, programs, certificate.authority);
      await hub.prepare();
      await hub.mustExec(['sh', '-c', `${await joinLine()} --name ${name}`]);
      const status = JSON.parse(await hub.hubtab(['hub', 'status', '--json'])) as { hubId: string };
      hubs.push({ id: status.hubId, hub });
      await hub.tmux('new-session', '-d', '-s', 'work');
    }
  });
  afterAll(async () => {
    for (let next = cleanups.pop(); next; next = cleanups.pop()) await next();
  });

  test('hubs and browser have a way to the server, and none to each other', async () => {
    const names = ['hub1', 'hub2', 'browser'];
    for (const from of names) {
      const host = internet.host(from);
      expect((await host.run(['ip', 'route', 'get', server().address])).code).toBe(0);
      for (const to of names.filter((name) => name !== from)) {
        const { stderr } = await host.run(['ip', 'route', 'get', internet.host(to).address]);
        expect(stderr).toContain('Network is unreachable');
      }
    }
  });

  test('behind Caddy terminals open on both hubs over https and wss', async () => {
    for (const { id } of hubs) await opensTerminal(browser, id);
  });

  describe('an open terminal', () => {
    beforeAll(async () => {
      counter = await Counter.start(browser, firstHub(), 'counter');
    });

    test('comes back when nginx takes the place of Caddy, where a new browser signs in as well', async () => {
      await front.stop();
      await startFront('nginx');
      await counter.goesOn(Date.now(), 120_000);
      const second = await signInNew();
      for (const { id } of hubs) await opensTerminal(second, id);
      await second.close();
    });

    test('goes on without a hiccup while Headscale and the server restart, with a relay of their own', async () => {
      const RELAY = 8086;
      const listen = `127.0.0.1:${RELAY}`;
      await control.stop();
      await startServer('--relay-listen', listen);
      const relay = [process.execPath, MAIN, 'relay', '--listen', listen, '--data', dataDir()];
      await startThere(relay, 'derper: serving on');
      await front.stop();
      await startFront('caddy', RELAY);
      await counter.goesOn(Date.now(), 120_000);
      await opensTerminal(browser, firstHub().id);

      const { pauseMs, states } = await counter.watch(async () => {
        await until(headscalePid, 60_000).toBeGreaterThan(0);
        const was = await headscalePid();
        process.kill(was, 'SIGKILL');
        await until(async () => [was, NaN].includes(await headscalePid()), 60_000).toBe(false);
        await control.stop();
        await startServer('--relay-listen', listen);
      });
      expect(states).toEqual([]);
      expect(pauseMs).toBeLessThan(HICCUP_MS);
      for (const { id } of hubs) await opensTerminal(browser, id);
    });

    test('goes on over a path of 80 ms that loses packets, and so do new clients', async () => {
      const host = internet.host('browser');
      const steps = new Set<Step>(['start', 'second', 'echo', 'download']);
      const extension = path.join(directory, 'bench');
      await addBenchPage(extensionDirectory('e2e'), extension);
      const scene: Scene = {
        newKey: browserKey,
        browser: { program: path.join(directory, 'chromium'), trustedKey: certificate.spki },
        command: (argv) => host.command(argv).flat(),
        env: { SSL_CERT_FILE: certificate.authority },
        // One connection with such losses carries some hundred kilobytes a second.
        bulk: { warmUpBytes: 200_000, bytes: 2_000_000 },
      };
      const table: Record<string, Record<string, string>> = {};
      for (const [way, isSlow] of [
        ['near', false],
        ['80 ms, 1 %', true],
      ] as const) {
        if (isSlow) await internet.slowDown(host, { delayMs: 40, loss: 0.01 });
        const samples = new Samples();
        await browserSession(extension, 'ours', scene, steps, samples);
        await nativeSession(scene, steps, samples);
        for (const { name, title, unit, digits } of FIGURES)
          for (const peer of ['ours', 'native'] as const) {
            const values = samples.of(name, peer);
            if (values.length === 0) continue;
            const row = (table[`${title.replace('8 MB', '2 MB')}, ${unit}`] ??= {});
            row[`${peer}, ${way}`] = median(values).toFixed(digits);
          }
        expect(samples.of('download', 'ours')).toHaveLength(1);
      }
      console.table(table);
      await counter.goesOn(Date.now(), 60_000);
      await internet.speedUp();
      await counter.goesOn(Date.now(), 60_000);
    });

    test('comes back by itself when the server is restored on another machine, and the agent never stopped', async () => {
      const archive = path.join(directory, 'backup.tar');
      await serverCli('backup', archive, '--no-encryption');
      const agent = () =>
        firstHub().hub.tmux('display-message', '-p', '-t', '=counter:', '#{pane_pid}');
      const pid = await agent();
      await internet.destroy('server');
      await internet.addHost('server');
      await internet.name(NAME);
      await serverCli('restore', archive);
      await startServer();
      await startFront('caddy');
      const startMs = Date.now();
      const tookMs = await counter.goesOn(startMs, 180_000);
      console.log(`restored: the open terminal went on after ${tookMs / 1000} s`);
      expect(await agent()).toBe(pid);
      for (const { id } of hubs) await opensTerminal(browser, id);
    });
  });
});
