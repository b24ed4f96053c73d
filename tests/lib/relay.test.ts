import { afterEach, expect, test } from 'vitest';
import { relay } from '../../lib/relay.ts';

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

function pair(answer: (kind: string, ask: unknown) => unknown) {
  const channel = new MessageChannel();
  channels.push(channel);
  relay(channel.port2, answer);
  channel.port2.start();
  const asking = relay(channel.port1, () => {
    throw new Error('nobody asks back');
  });
  channel.port1.start();
  return { asking, channel };
}

test('each question gets its own answer, whatever the order they come in', async () => {
  const slow = Promise.withResolvers<string>();
  const { asking } = pair((kind) => (kind === 'slow' ? slow.promise : kind));
  const first = asking.ask('slow', {});
  expect(await asking.ask('quick', {})).toBe('quick');
  slow.resolve('slow');
  expect(await first).toBe('slow');
});

test('what the other side throws is thrown here', async () => {
  const { asking } = pair(() => {
    throw new Error('no such unit');
  });
  await expect(asking.ask('anything', {})).rejects.toThrow('no such unit');
});

test('other messages on the same endpoint are left alone', async () => {
  const { asking, channel } = pair((_, ask) => ask);
  channel.port1.postMessage({ terminal: true });
  channel.port1.postMessage(null);
  expect(await asking.ask('echo', 7)).toBe(7);
});

test('questions that wait for a side that ended are answered with an error', async () => {
  const { asking } = pair(() => new Promise(() => {}));
  const asked = asking.ask('anything', {});
  asking.end('the worker ended');
  await expect(asked).rejects.toThrow('the worker ended');
});
