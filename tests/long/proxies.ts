import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { root } from '../../scripts/paths.ts';
import { mustRun } from '../../scripts/stack/run.ts';
import type { Front } from '../../scripts/stack/start.ts';
import { freeTcpPort } from '../../server/free-port.ts';
import { unpackDebian } from './debian-programs.ts';

/** The proxies for which `deploy/` has a configuration. */
export const PROXIES = ['caddy', 'nginx'] as const;
export type Proxy = (typeof PROXIES)[number];

/** A certificate by an authority of its own, which this process trusts as well. */
export interface Certificate {
  folder: string;
  /** File with the authority's certificate, PEM: what hubs have to trust. */
  authority: string;
  certificate: string;
  key: string;
  /** Base64 of the SHA-256 of the public key. */
  spki: string;
}

/** Makes one in a new folder. @param name the host's */
export async function makeCertificate(name = 'localhost'): Promise<Certificate> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hubtab-proxy-'));
  await mustRun('chmod', ['755', folder]);
  const file = (base: string) => path.join(folder, base);
  const [authority, certificate, key] = ['ca.pem', 'cert.pem', 'key.pem'].map(file) as [
    string,
    string,
    string,
  ];
  const request = async (args: string[], keyFile: string, out: string) => {
    const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-keyout', keyFile, '-out', out, '-days', '2'];
    await mustRun('openssl', ['req', '-x509', ...algorithm, ...files, ...args]);
  };
  await request(['-subj', '/CN=Authority of the tests'], file('ca-key.pem'), authority);
  const extensions = ['-addext', `subjectAltName=DNS:${name}`];
  const issuer = ['-CA', authority, '-CAkey', file('ca-key.pem')];
  await request(['-subj', `/CN=${name}`, ...extensions, ...issuer], key, certificate);
  setDefaultCACertificates([...getCACertificates(), await readFile(authority, 'utf8')]);
  const { publicKey } = new X509Certificate(await readFile(certificate));
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const spki = createHash('sha256').update(der).digest('base64');
  return { folder, authority, certificate, key, spki };
}

/** Ports on this machine that a proxy leads to. */
export interface Ports {
  server: number;
  /** A second control server; only Caddy is tried with one. */
  secondServer?: number;
  headscale: number;
  /** If unset, Headscale's relay is used. */
  relay?: number;
}

/** Where a proxy runs and what it listens on. */
export interface Place {
  name: string;
  address: string;
  port: number;
  start(argv: readonly string[], options?: { env: NodeJS.ProcessEnv }): ChildProcess;
}

async function thisMachine(): Promise<Place> {
  return {
    name: 'localhost',
    address: '127.0.0.1',
    port: await freeTcpPort('127.0.0.1'),
    start: ([program = '', ...args], options) =>
      spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options }),
  };
}

/** Starts a proxy with the configuration of `deploy/`, for this certificate. @param place if unset, localhost */
export async function startProxy(
  proxy: Proxy,
  certificate: Certificate,
  ports: Ports,
  place?: Place,
): Promise<Front> {
  const { name, address, port, start } = place ?? (await thisMachine());
  const settings = { ...certificate, name, address, port, ports };
  const [program, args, env] = await (proxy === 'caddy' ? caddy(settings) : nginx(settings));
  const child = start([program, ...args], { env: { ...process.env, ...env } });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const over = ended.then(() => Promise.reject(new Error(`${proxy} ended: ${said}`)));
  over.catch(() => {}); // it does, in the end
  const url = `https://${name}${port === 443 ? '' : `:${port}`}`;
  // The proxy itself answers this one, so nothing has to be behind it yet.
  const probed = `${url}/metrics`;
  const probe = start(['curl', '-sS', ...PATIENCE, '--cacert', certificate.authority, probed]);
  await Promise.race([once(probe, 'exit'), over]);
  return { url, certificate: certificate.authority, stop };
}

/** Until somebody listens. */
const PATIENCE = ['-o', '/dev/null', '--retry', '100', '--retry-delay', '1', '--retry-connrefused'];

interface Settings {
  folder: string;
  certificate: string;
  key: string;
  name: string;
  address: string;
  port: number;
  ports: Ports;
}

type Command = [program: string, args: string[], env: Record<string, string>];

async function caddy(settings: Settings): Promise<Command> {
  const { folder, certificate, key, name, address, port, ports } = settings;
  const program = path.join(await unpackDebian('caddy'), 'usr', 'bin', 'caddy');
  const config = path.join(folder, 'Caddyfile');
  const routes = path.join(root, 'deploy', 'caddy', 'hubtab.caddy');
  await writeFile(
    config,
    `{
	admin off
	auto_https disable_redirects
}
https://${name}:${port} {
	bind ${address}
	tls ${certificate} ${key}
	import ${routes}
}
`,
  );
  const servers = [ports.server, ports.secondServer ?? []].flat();
  const env = {
    HUBTAB_SERVER: servers.map((port) => `127.0.0.1:${port}`).join(' '),
    HUBTAB_HEADSCALE: `127.0.0.1:${ports.headscale}`,
    ...(ports.relay === undefined ? {} : { HUBTAB_RELAY: `127.0.0.1:${ports.relay}` }),
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
  return [program, ['run', '--config', config, '--adapter', 'caddyfile'], env];
}

async function nginx(settings: Settings): Promise<Command> {
  const { folder, certificate, key, name, address, port, ports } = settings;
  const program = path.join(await unpackDebian('nginx'), 'usr', 'sbin', 'nginx');
  const from = path.join(root, 'deploy', 'nginx');
  await copyFile(
    path.join(from, 'hubtab-locations.conf'),
    path.join(folder, 'hubtab-locations.conf'),
  );
  const leadsTo = (upstream: string) => {
    const { server, headscale, relay = headscale } = ports;
    return `127.0.0.1:${{ server, headscale, relay }[upstream]}`;
  };
  const site = (await readFile(path.join(from, 'hubtab.conf'), 'utf8'))
    .replaceAll(/(?<=upstream hubtab_(\w+) \{\s+server )[^;]+/g, (_, name: string) => leadsTo(name))
    .replace('listen 443 ssl', `listen ${address}:${port} ssl`)
    .replace('hubtab.example.com;', `${name};`)
    .replace('/etc/ssl/hubtab/fullchain.pem', certificate)
    .replace('/etc/ssl/hubtab/privkey.pem', key);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await mkdir(path.join(folder, 'logs'), { recursive: true });
  const config = path.join(folder, 'nginx.conf');
  await writeFile(
    config,
    `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
access_log off;
${temporary.join('\n')}
${site}
}
`,
  );
  return [program, ['-p', folder, '-c', config, '-e', 'stderr'], {}];
}

/** Removes what makeCertificate made. */
export function removeCertificate({ folder }: Certificate): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
