import { expect, test } from 'vitest';
import { SyncOutput } from '../../lib/sync-output.ts';

const encoder = new TextEncoder();
const text = (parts: Uint8Array[]) => parts.map((part) => new TextDecoder().decode(part)).join('');

const INPUT =
  'a\u001bP=1s\u001b\\b\u001b[1m\u001bPq\u001b\\\u001bP=2s\u001b\\c\u001bP=3s\u001b\\日';
const OUTPUT = 'a\u001b[?2026hb\u001b[1m\u001bPq\u001b\\\u001b[?2026lc\u001bP=3s\u001b\\日';

test('old marks become DEC 2026, and nothing else changes', () => {
  expect(text([new SyncOutput().take(encoder.encode(INPUT))])).toBe(OUTPUT);
});

test('cut at every byte, the outcome is the same', () => {
  const bytes = encoder.encode(INPUT);
  const outputs = Array.from(bytes, (_, at) => {
    const sync = new SyncOutput();
    const parts = [sync.take(bytes.subarray(0, at)), sync.take(bytes.subarray(at))];
    return Buffer.concat(parts).toString();
  });
  expect(new Set(outputs)).toEqual(new Set([OUTPUT]));
  const byByte = new SyncOutput();
  expect(
    Buffer.concat(Array.from(bytes, (byte) => byByte.take(Uint8Array.of(byte)))).toString(),
  ).toBe(OUTPUT);
});

test('an escape that ends a chunk is not lost, whatever follows it', () => {
  const sync = new SyncOutput();
  expect(sync.take(encoder.encode('x\u001b')).length).toBe(1);
  expect(text([sync.take(encoder.encode('[31m'))])).toBe('\u001b[31m');
  sync.take(encoder.encode('\u001bP=1s'));
  sync.reset();
  expect(text([sync.take(encoder.encode('y'))])).toBe('y');
});
