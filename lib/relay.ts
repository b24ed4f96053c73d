/** The part of Worker, DedicatedWorkerGlobalScope and MessagePort that a relay needs. */
interface Endpoint {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

type Packet =
  | { relay: 'ask'; id: number; kind: string; ask: unknown }
  | { relay: 'reply'; id: number; reply: unknown }
  | { relay: 'thrown'; id: number; message: string };

export interface Relay {
  /**
   * Asks the other side and waits for its answer.
   * @throws Error with the message of what the other side's handler threw
   */
  ask(kind: string, ask: unknown): Promise<unknown>;
  /** The other side is gone: every question that waits is answered with this error. */
  end(reason: string): void;
}

/**
 * Questions and answers over a message endpoint, both ways, matched by number. Other messages on the same endpoint are
 * left alone.
 */
export function relay(endpoint: Endpoint, answer: (kind: string, ask: unknown) => unknown): Relay {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const post = (packet: Packet) => endpoint.postMessage(packet);
  endpoint.addEventListener('message', ({ data }: MessageEvent<Partial<Packet>>) => {
    if (data?.relay === 'ask') {
      const { id, kind, ask } = data as Packet & { relay: 'ask' };
      Promise.resolve()
        .then(() => answer(kind, ask))
        .then(
          (reply) => post({ relay: 'reply', id, reply }),
          (error: unknown) => post({ relay: 'thrown', id, message: String(error) }),
        );
    } else if (data?.relay === 'reply' || data?.relay === 'thrown') {
      const packet = data as Exclude<Packet, { relay: 'ask' }>;
      const asked = waiting.get(packet.id);
      waiting.delete(packet.id);
      if (packet.relay === 'reply') asked?.resolve(packet.reply);
      else asked?.reject(new Error(packet.message));
    }
  });
  return {
    ask(kind, ask) {
      lastId += 1;
      const asked = Promise.withResolvers<unknown>();
      waiting.set(lastId, asked);
      post({ relay: 'ask', id: lastId, kind, ask });
      return asked.promise;
    },
    end(reason) {
      for (const asked of waiting.values()) asked.reject(new Error(reason));
      waiting.clear();
    },
  };
}
