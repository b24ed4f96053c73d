import { PUBLIC_URL, type TestApp } from './test-app.ts';

/** A person's browser: keeps cookies, sends forms as a page of the server would. */
export class Visitor {
  readonly #test: Pick<TestApp, 'app'>;
  readonly cookies = new Map<string, string>();

  constructor(test: Pick<TestApp, 'app'>) {
    this.#test = test;
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
      headers: { origin: PUBLIC_URL, ...headers },
    });
  }

  /** Signs in with a password. @returns where the server sends the browser */
  async signIn(email: string, password: string, next = '/account'): Promise<string> {
    const answer = await this.post('/sign-in', { email, password, next });
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    return location;
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('user-agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0');
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookie) headers.set('cookie', cookie);
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

/** Makes an account with a password by way of the setup link (admin) or an invitation. */
export async function makePerson(
  test: TestApp,
  email: string,
  role: 'admin' | 'member' = 'member',
): Promise<{ id: string; password: string }> {
  const password = `the password of ${email}`;
  const { invitations } = test.services;
  const setup = await invitations.createSetupToken();
  const isSetup = setup !== undefined && role === 'admin';
  const inviter = await test.identity.findUserByEmail('root@example.test');
  const admin = inviter ?? (await test.signUp('root@example.test')).account;
  const token = isSetup ? setup : (await invitations.invite(admin, role, null)).token;
  const kind = isSetup ? 'setup' : 'invitation';
  const made = await invitations.accept(token, kind, email, password);
  if (!made.ok) throw new Error(made.error);
  return { id: made.value.id, password };
}
