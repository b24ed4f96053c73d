import { makeProofKey, prover, ServerClock, type Prover } from '../../lib/dpop.ts';

/** The only place that keeps a key without ever showing it: IndexedDB stores CryptoKeys as such. */
const DATABASE = 'hubtab';
const STORE = 'keys';
const NAME = 'proof';

let loading: Promise<CryptoKeyPair> | undefined;
/** Lost with the service worker, and learnt again by the first refusal. */
const clock = new ServerClock(Date.now);

/** Proofs for a server with this browser's key, which is made at first use. */
export async function proofsFor(issuer: string): Promise<Prover> {
  loading ??= loadKey();
  loading.catch(() => (loading = undefined));
  return prover(await loading, issuer, clock);
}

/** The next sign-in gets a new key: nothing links it to this one. */
export async function forgetProofKey(): Promise<void> {
  loading = undefined;
  await withStore('readwrite', (store) => store.delete(NAME));
}

async function loadKey(): Promise<CryptoKeyPair> {
  const found = await withStore('readonly', (store) => store.get(NAME));
  if (found) return found as CryptoKeyPair; // nothing else is ever put there
  const made = await makeProofKey();
  await withStore('readwrite', (store) => store.put(made, NAME));
  return made;
}

async function withStore(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
  const database = (await settled(opening)) as IDBDatabase;
  try {
    return await settled(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function settled(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB')));
  });
}
