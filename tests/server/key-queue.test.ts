import { expect, it, onTestFinished, vi } from 'vitest';
import { ApiError } from '../../server/problem.ts';
import { KeyQueue } from '../../server/units/key-queue.ts';

/** Work that ends when the test says so, and notes when it began. */
function slowWork(queue: KeyQueue) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const answers: Promise<string>[] = [];
  return {
    begun,
    answers,
    ask(account: string) {
      const work = async () => {
        begun.push(account);
        await new Promise<void>((resolve) => ends.push(resolve));
        return 'made';
      };
      const answer = queue.inTurn(account, work).catch((error: unknown) => {
        if (error instanceof ApiError) return `${error.code} ${error.headers['Retry-After']}`;
        throw error;
      });
      answers.push(answer);
    },
    /** Ends the oldest that runs. */
    async endOne() {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('two run at once; then accounts take turns, whoever asked more', async () => {
  const work = slowWork(new KeyQueue());
  for (let count = 0; count < 6; count += 1) work.ask('eve');
  work.ask('bob');
  work.ask('carol');
  await work.endOne();
  expect(work.begun).toEqual(['eve', 'eve', 'eve']);
  for (let count = 0; count < 3; count += 1) await work.endOne();
  expect(work.begun.slice(3)).toEqual(['bob', 'carol', 'eve']);
});

it('the 43rd request of one account is told to come back, and nothing times out', async () => {
  const work = slowWork(new KeyQueue());
  for (let count = 0; count < 43; count += 1) work.ask('eve');
  expect(await work.answers[42]).toBe('rate-limited 2');
  for (let count = 0; count < 42; count += 1) await work.endOne();
  const answers = await Promise.all(work.answers);
  expect(answers.filter((answer) => answer === 'made')).toHaveLength(42);
});

it('a full queue takes another account in, and lets the one with the most in it wait outside', async () => {
  const work = slowWork(new KeyQueue());
  for (let count = 0; count < 42; count += 1) work.ask('eve');
  work.ask('bob');
  expect(await work.answers[41]).toBe('rate-limited 2');
  await work.endOne();
  await work.endOne();
  expect(work.begun.slice(2)).toContain('bob');
});

it('whoever waits for more than four seconds is told to come back, whoever has begun goes on', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const work = slowWork(new KeyQueue());
  for (const account of ['eve', 'eve', 'bob', 'eve', 'carol']) work.ask(account);
  vi.advanceTimersByTime(3000);
  await work.endOne(); // bob's turn
  vi.advanceTimersByTime(1000);
  expect(await Promise.all(work.answers.slice(3))).toEqual(['rate-limited 2', 'rate-limited 2']);
  work.ask('dave');
  for (let count = 0; count < 3; count += 1) await work.endOne();
  expect(work.begun).toEqual(['eve', 'eve', 'bob', 'dave']);
  expect(await work.answers[2]).toBe('made');
});

it('work that fails gives its place away', async () => {
  const queue = new KeyQueue();
  const fail = () => Promise.reject(new Error('no'));
  for (let count = 0; count < 5; count += 1) {
    await expect(queue.inTurn('a', fail)).rejects.toThrow('no');
  }
  expect(await queue.inTurn('a', () => Promise.resolve('made'))).toBe('made');
});
