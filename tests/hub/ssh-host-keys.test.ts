import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readHostKeys } from '../../hub/ssh-host-keys.ts';
import type { KeyObject } from 'node:crypto';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hubtab-test-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function store(name: string, key: KeyObject): void {
  mkdirSync(join(directory, 'ssh'), { recursive: true });
  const pem = key.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(directory, 'ssh', name), pem, { mode: 0o600 });
}

it('reads the public halves as ssh-keygen does, Ed25519 first', () => {
  store('ssh_host_rsa_key', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
  store('ssh_host_ecdsa_key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  store('ssh_host_ed25519_key', generateKeyPairSync('ed25519').privateKey);
  const keys = readHostKeys(directory);
  expect(keys.map((key) => key.type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa']);
  for (const key of keys) {
    const shown = execFileSync('ssh-keygen', ['-lf', '-'], { input: key.line, encoding: 'utf8' });
    expect(shown.split(' ')[1]).toBe(key.fingerprint);
  }
  // ssh-keygen reads PKCS #8 of RSA and EC; of Ed25519 only its own format.
  for (const [name, key] of [
    ['rsa', keys[2]],
    ['ecdsa', keys[1]],
  ] as const) {
    const file = join(directory, 'ssh', `ssh_host_${name}_key`);
    expect(execFileSync('ssh-keygen', ['-yf', file], { encoding: 'utf8' }).trim()).toBe(key?.line);
  }
});

it('is empty before the first start', () => {
  expect(readHostKeys(directory)).toEqual([]);
});
