import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
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

/** A certificate for localhost that this process trusts as well. */
export interface Certificate {
  folder: string;
  certificate: string;
  key: string;
  /** Base64 of the SHA-256 of the public key. */
  spki: string;
}

/** Makes one in a new folder. */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hubtab-proxy-'));
  await mustRun('chmod', ['755', folder]);
  const [certificate, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', key, '-out', certificate, '-days', '2'];
  await mustRun('openssl', ['req', '-x509', ...algorithm, ...subject, ...files]);
  const pem = await readFile(certificate, 'utf8');
  setDefaultCACertificates([...getCACertificates(), pem]);
  const der = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  const spki = createHash('sha256').update(der).digest('base64');
  return { folder, certificate, key, spki };
}

/** Starts a proxy with the configuration of `deploy/`, for this certificate. */
export async function startProxy(
  proxy: Proxy,
  { folder, certificate, key }: Certificate,
  ports: { server: number; headscale: number },
): Promise<Front> {
  const port = await freeTcpPort('127.0.0.1');
  const settings = { folder, certificate, key, port, ...ports };
  const [program, args, env] = await (proxy === 'caddy' ? caddy(settings) : nginx(settings));
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const over = ended.then(() => Promise.reject(new Error(`${proxy} ended: ${said}`)));
  over.catch(() => {}); // it does, in the end
  await Promise.race([listening(port), over]);
  return { url: `https://localhost:${port}`, certificate, stop };
}

interface Settings {
  folder: string;
  certificate: string;
  key: string;
  port: number;
  server: number;
  headscale: number;
}

type Command = [program: string, args: string[], env: Record<string, string>];

async function caddy(settings: Settings): Promise<Command> {
  const { folder, certificate, key, port, server, headscale } = settings;
  const program = path.join(await unpackDebian('caddy'), 'usr', 'bin', 'caddy');
  const config = path.join(folder, 'Caddyfile');
  const routes = path.join(root, 'deploy', 'caddy', 'hubtab.caddy');
  await writeFile(
    config,
    `{
	admin off
	auto_https disable_redirects
}
https://localhost:${port} {
	bind 127.0.0.1
	tls ${certificate} ${key}
	import ${routes}
}
`,
  );
  const env = {
    HUBTAB_SERVER: `127.0.0.1:${server}`,
    HUBTAB_HEADSCALE: `127.0.0.1:${headscale}`,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
  return [program, ['run', '--config', config, '--adapter', 'caddyfile'], env];
}

async function nginx(settings: Settings): Promise<Command> {
  const { folder, certificate, key, port, server, headscale } = settings;
  const program = path.join(await unpackDebian('nginx'), 'usr', 'sbin', 'nginx');
  const from = path.join(root, 'deploy', 'nginx');
  await copyFile(
    path.join(from, 'hubtab-locations.conf'),
    path.join(folder, 'hubtab-locations.conf'),
  );
  const site = (await readFile(path.join(from, 'hubtab.conf'), 'utf8'))
    .replace('127.0.0.1:8080', `127.0.0.1:${server}`)
    .replace('127.0.0.1:8085', `127.0.0.1:${headscale}`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('hubtab.example.com;', 'localhost;')
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

/** Resolves when somebody listens. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Removes what makeCertificate made. */
export function removeCertificate({ folder }: Certificate): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
