import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Database } from '../database/database.ts';
import {
  deleteKeptAnswer,
  findKeptAnswer,
  insertKeptAnswer,
  sealKeptAnswer,
  type KeptAnswerRow,
} from '../database/kept-answers.ts';
import { ApiError } from '../problem.ts';
import type { Seal } from '../seal.ts';
import { hashSecret } from '../secrets.ts';

/** A repeated request gets the same answer for this long: time enough for retries after a lost one. */
const KEEP_MS = 2 * 60 * 1000;
/** A server that dies while it makes an answer blocks its repetition for this long. Making one takes at most 5 s. */
const MAKING_MS = 10_000;
/** How long, and how often, a repetition looks for an answer that another server is making. */
const WAIT_MS = 3000;
const LOOK_MS = 50;

export interface KeptRequest {
  accountId: string;
  hubId: string;
  idempotencyKey: string;
  /** What else the answer depends on: when it changes, the old answer is worth nothing. */
  dependsOn: string;
  /** Everything that the client sent. */
  content: string;
}

export interface KeptAnswersOptions {
  db: Database;
  seal: Seal;
  clock: () => number;
}

/** Answers requests with an Idempotency-Key once, and repeats the answer for 2 minutes. It rests encrypted. */
export class KeptAnswers {
  readonly #options: KeptAnswersOptions;
  /** Those that this process is making: repetitions join. */
  readonly #making = new Map<string, { requestHash: string; answer: Promise<unknown> }>();

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
  }

  /**
   * @param make runs once for all repetitions, and again after it failed
   * @throws ApiError idempotency-key-reused when the repetition is none; conflict when another server takes too long;
   * whatever `make` throws
   */
  async once<T>(request: KeptRequest, schema: z.ZodType<T>, make: () => Promise<T>): Promise<T> {
    const { accountId, hubId, idempotencyKey, dependsOn } = request;
    const id = hashSecret(JSON.stringify([accountId, hubId, dependsOn, idempotencyKey]));
    const requestHash = hashSecret(request.content);
    const making = this.#making.get(id);
    if (making) {
      if (making.requestHash !== requestHash) throw reused();
      return making.answer as Promise<T>; // the id names account and hub, so it was made by the same route
    }
    const row = { id, hub_id: hubId, account_id: accountId, request_hash: requestHash };
    const answer = this.#claimOrFind(row, schema, make).finally(() => this.#making.delete(id));
    this.#making.set(id, { requestHash, answer });
    return answer;
  }

  async #claimOrFind<T>(
    row: Omit<KeptAnswerRow, 'sealed' | 'expires_at_ms'>,
    schema: z.ZodType<T>,
    make: () => Promise<T>,
  ): Promise<T> {
    const { db, seal, clock } = this.#options;
    const giveUpAtMs = performance.now() + WAIT_MS;
    for (;;) {
      const claim = { ...row, sealed: null, expires_at_ms: clock() + MAKING_MS };
      if (await insertKeptAnswer(db, claim)) return this.#make(row.id, make);
      const kept = await findKeptAnswer(db, row.id);
      if (!kept) continue; // it failed, or lapsed, in this moment
      if (kept.expires_at_ms <= clock()) {
        await deleteKeptAnswer(db, row.id);
        continue;
      }
      if (kept.request_hash !== row.request_hash) throw reused();
      if (kept.sealed !== null) {
        const text = seal.open(kept.sealed, row.id);
        if (text !== undefined) return schema.parse(JSON.parse(text));
        await deleteKeptAnswer(db, row.id); // Sealed under a key that is gone.
        continue;
      }
      if (performance.now() > giveUpAtMs) {
        throw new ApiError(
          'conflict',
          'The same request is being worked on. Repeat it in a moment.',
          {
            headers: { 'Retry-After': '1' },
          },
        );
      }
      await sleep(LOOK_MS);
    }
  }

  async #make<T>(id: string, make: () => Promise<T>): Promise<T> {
    const { db, seal, clock } = this.#options;
    try {
      const answer = await make();
      await sealKeptAnswer(db, id, seal.close(JSON.stringify(answer), id), clock() + KEEP_MS);
      return answer;
    } catch (error) {
      await deleteKeptAnswer(db, id); // A failure is not worth repeating.
      throw error;
    }
  }
}

function reused(): ApiError {
  return new ApiError(
    'idempotency-key-reused',
    'This Idempotency-Key came with another request before. Use a new one for each request.',
  );
}
