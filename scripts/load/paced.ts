import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** A worker thread that sends requests at even distances, whether the ones before were answered or not. */
export interface PacedLoad {
  url: string;
  /** Sent in turns. */
  requests: { method: string; path: string; headers: Record<string, string>; body?: string }[];
  /** Requests a second. */
  rate: number;
  seconds: number;
}

export interface PacedAnswers {
  statuses: Record<string, number>;
  lost: number;
  /** From the moment at which each request was due, ms; answered ones only. */
  timesMs: number[];
}

/** A request without an answer by then is lost. */
const TIMEOUT_MS = 10_000;

async function run({ url, requests, rate, seconds }: PacedLoad): Promise<PacedAnswers> {
  const agent = new Agent({ keepAlive: true });
  const answers: PacedAnswers = { statuses: {}, lost: 0, timesMs: [] };
  const send = (index: number, dueMs: number) =>
    new Promise<void>((resolve) => {
      const one = requests[index % requests.length];
      if (!one) throw new Error('nothing to send');
      const { method, path, headers, body } = one;
      const lose = () => {
        answers.lost += 1;
        resolve();
      };
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const sent = request(new URL(path, url), { method, headers, agent, signal }, (answer) => {
        answer.on('error', lose).on('end', () => {
          const status = String(answer.statusCode);
          answers.statuses[status] = (answers.statuses[status] ?? 0) + 1;
          answers.timesMs.push(performance.now() - dueMs);
          resolve();
        });
        answer.resume();
      });
      sent.on('error', lose).end(body);
    });
  const startMs = performance.now();
  const all: Promise<void>[] = [];
  while (all.length < rate * seconds) {
    const dueMs = startMs + (all.length * 1000) / rate;
    const leftMs = dueMs - performance.now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
    all.push(send(all.length, dueMs));
  }
  await Promise.all(all);
  agent.destroy();
  return answers;
}

parentPort?.postMessage(await run(workerData as PacedLoad));
