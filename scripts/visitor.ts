import type { Services } from '../server/services.ts';
import type { RunningServer } from '../server/start.ts';
import { totp } from './totp.ts';

/** A server, or an app, at its public address. */
export interface Visited {
  app: { request(path: string, init: RequestInit): Response | Promise<Response> };
  publicUrl: string;
}

/** A person's browser: keeps cookies, sends forms as a page of the server would. */
export class Visitor {
  readonly #test: Visited;
  readonly cookies = new Map<string, string>();

  constructor(test: Visited) {
    this.#test = test;
  }

  /** As browsers send them. */
  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { headers });
  }

  post(
    path: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.#send(path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { origin: this.#test.publicUrl, ...headers },
    });
  }

  /** Signs in with a password. @returns where the server sends the browser */
  async signIn(email: string, password: string, next = '/account'): Promise<string> {
    const answer = await this.post('/sign-in', { email, password, next });
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    return location;
  }

  /** Sets up an authenticator app for the one who is signed in; the session counts as signed in with it. */
  async addTotp(password: string): Promise<{ secret: string; backupCodes: string[] }> {
    const shown = await (await this.post('/account/totp', { password })).text();
    const secret = /data-secret>([A-Z2-7]+)</.exec(shown)?.[1] ?? '';
    const backupCodes = [...shown.matchAll(/<li>([\w-]{11})<\/li>/g)].map(
      (found) => found[1] ?? '',
    );
    const confirmed = await this.post('/account/totp/confirm', { code: totp(secret) });
    if (confirmed.status !== 303) throw new Error(`totp: ${await confirmed.text()}`);
    return { secret, backupCodes };
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('user-agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0');
    if (this.cookies.size > 0) headers.set('cookie', this.cookie);
    const answer = await this.#test.app.request(path, { ...init, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      const isGone = attributes.includes('Max-Age=0');
      if (isGone) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }
}

/** A visitor of a server that runs. */
export function visit({ url }: Pick<RunningServer, 'url'>): Visitor {
  return new Visitor({
    app: { request: (path, init) => fetch(url + path, { ...init, redirect: 'manual' }) },
    publicUrl: url,
  });
}

/** Makes an admin who is signed in with an authenticator app. */
export async function signInAdmin(server: RunningServer, email: string): Promise<Visitor> {
  const { password } = await makePerson(server.internals, email, 'admin');
  const visitor = visit(server);
  await visitor.signIn(email, password);
  await visitor.addTotp(password);
  return visitor;
}

/** Makes an account with a password by way of the setup link (admin) or an invitation. */
export async function makePerson(
  { services: { invitations } }: { services: Pick<Services, 'invitations'> },
  email: string,
  role: 'admin' | 'member' = 'member',
): Promise<{ id: string; password: string }> {
  const password = `the password of ${email}`;
  const setup = await invitations.createSetupToken();
  const isSetup = setup !== undefined && role === 'admin';
  const token = isSetup ? setup : (await invitations.invite(null, role, null)).token;
  const kind = isSetup ? 'setup' : 'invitation';
  const made = await invitations.accept(token, kind, email, password);
  if (!made.ok) throw new Error(made.error);
  return { id: made.value.id, password };
}
