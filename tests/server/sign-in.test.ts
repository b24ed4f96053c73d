import { beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, PUBLIC_URL, type TestApp } from './support/test-app.ts';
import { totp } from '../../scripts/totp.ts';
import { makePerson, Visitor } from '../../scripts/visitor.ts';

let test: TestApp;
let visitor: Visitor;
let person: { id: string; password: string };
const EMAIL = 'ana@example.test';

beforeEach(async () => {
  test = await createTestApp();
  visitor = new Visitor(test);
  person = await makePerson(test, EMAIL);
});

const addTotp = () => visitor.addTotp(person.password);

describe('a password', () => {
  it('signs in, and the session ends with sign-out', async () => {
    expect(await visitor.signIn(EMAIL, person.password)).toBe('/account');
    expect(await (await visitor.get('/account')).text()).toContain(EMAIL);
    const kept = new Map(visitor.cookies);
    await visitor.post('/sign-out', {});
    for (const [name, value] of kept) visitor.cookies.set(name, value);
    expect((await visitor.get('/account')).headers.get('location')).toBe(
      '/sign-in?next=%2Faccount',
    );
  });

  it('gets the same answer whether it is wrong or the address unknown', async () => {
    const bodies = [];
    for (const email of [EMAIL, 'nobody@example.test']) {
      const answer = await visitor.post('/sign-in', { email, password: 'wrong password' });
      expect(answer.status).toBe(401);
      bodies.push((await answer.text()).replaceAll(email, ''));
    }
    expect(bodies[0]).toBe(bodies[1]);
  });

  it('can be changed, which ends other sessions', async () => {
    const other = new Visitor(test);
    await other.signIn(EMAIL, person.password);
    await visitor.signIn(EMAIL, person.password);
    const next = 'another good password';
    const wrong = await visitor.post('/account/password', { present: 'no no no no', next });
    expect(wrong.status).toBe(400);
    await visitor.post('/account/password', { present: person.password, next });
    expect((await visitor.get('/account')).status).toBe(200);
    expect((await other.get('/account')).status).toBe(303);
    expect(await new Visitor(test).signIn(EMAIL, next)).toBe('/account');
  });

  it('of a disabled account is refused, and its session ends at once', async () => {
    await visitor.signIn(EMAIL, person.password);
    await test.identity.disableUser(person.id);
    expect((await visitor.get('/account')).status).toBe(303);
    const answer = await visitor.post('/sign-in', { email: EMAIL, password: person.password });
    expect([answer.status, await answer.text()]).toEqual([
      401,
      expect.stringContaining('disabled'),
    ]);
  });

  it('leads on to our own pages only', async () => {
    const tries = [
      '//evil.test',
      'https://evil.test/account',
      '/\\evil.test',
      '/v1/hubs',
      '/admin',
    ];
    const places = [];
    for (const next of tries) places.push(await visitor.signIn(EMAIL, person.password, next));
    expect(places).toEqual(['/account', '/account', '/account', '/account', '/admin']);
  });
});

describe('an authenticator app', () => {
  it('is asked for after the password, and a code or a backup code signs in', async () => {
    await visitor.signIn(EMAIL, person.password);
    const { secret, backupCodes } = await addTotp();
    expect(backupCodes).toHaveLength(10);
    const withCode = new Visitor(test);
    expect(await withCode.signIn(EMAIL, person.password)).toBe('/sign-in/code?next=%2Faccount');
    expect((await withCode.get('/account')).status).toBe(303);
    expect((await withCode.post('/sign-in/code', { code: '000000' })).status).toBe(401);
    await withCode.post('/sign-in/code', { code: totp(secret) });
    expect((await withCode.get('/account')).status).toBe(200);

    const code = backupCodes[0] ?? '';
    const statuses = [];
    for (let round = 0; round < 2; round += 1) {
      const lost = new Visitor(test);
      await lost.signIn(EMAIL, person.password);
      statuses.push((await lost.post('/sign-in/code', { kind: 'backup', code })).status);
    }
    expect(statuses).toEqual([303, 401]); // each works once
  });

  it('ends a sign-in after a few wrong codes', async () => {
    await visitor.signIn(EMAIL, person.password);
    const { secret } = await addTotp();
    const guesser = new Visitor(test);
    await guesser.signIn(EMAIL, person.password);
    for (let guess = 0; guess < 6; guess += 1) {
      await guesser.post('/sign-in/code', { code: String(100_000 + guess) });
    }
    const late = await guesser.post('/sign-in/code', { code: totp(secret) });
    expect(late.status).toBe(401);
  });

  it('can be removed with the password', async () => {
    await visitor.signIn(EMAIL, person.password);
    await addTotp();
    expect((await visitor.post('/account/totp/remove', { password: 'no' })).status).toBe(400);
    await visitor.post('/account/totp/remove', { password: person.password });
    expect(await new Visitor(test).signIn(EMAIL, person.password)).toBe('/account');
  });
});

describe('forms', () => {
  it('of another site are refused, with and without an Origin header', async () => {
    const form = { email: EMAIL, password: person.password };
    const foreign = await visitor.post('/sign-in', form, { origin: 'https://evil.test' });
    const hidden = await visitor.post('/sign-in', form, { origin: 'null' });
    const bare = await test.app.request('/sign-in', {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    expect([foreign.status, hidden.status, bare.status]).toEqual([403, 403, 403]);
    expect(visitor.cookies.size).toBe(0);
  });

  it('live on pages that allow no foreign code, frame or target, and that are never kept', async () => {
    const { headers } = await visitor.get('/sign-in');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]),
    );
    expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual([
      'no-store',
      'same-origin',
    ]);
  });

  it('set cookies that scripts cannot read and other sites do not send', async () => {
    const answer = await visitor.post('/sign-in', { email: EMAIL, password: person.password });
    const lines = answer.headers.getSetCookie();
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toMatch(/HttpOnly/);
      expect(line).toMatch(/SameSite=Lax/);
      expect(line).toMatch(/Secure/);
    }
  });

  it('show what people typed as text', async () => {
    const email = '"><script>alert(1)</script>@example.test';
    const answer = await visitor.post('/sign-in', { email, password: 'wrong password' });
    expect(await answer.text()).not.toContain('<script>alert');
  });
});

describe('limits', () => {
  const guess = (from: Visitor, password = 'wrong password') =>
    from.post('/sign-in', { email: EMAIL, password });
  /** A try that costs no password hash. */
  const tryCode = async () => (await new Visitor(test).post('/sign-in/code', { code: '0' })).status;

  it('slow one network down with 429 and Retry-After, and count each network by itself', async () => {
    for (let round = 0; round < 10; round += 1) await tryCode();
    const limited = await guess(visitor);
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '6']);
    test.address.current = '192.0.2.8';
    expect(await tryCode()).toBe(401);
  });

  it('do not let an attacker lock the owner out', async () => {
    await visitor.signIn(EMAIL, person.password);
    await visitor.post('/sign-out', {});
    for (let round = 0; round < 11; round += 1) {
      test.address.current = `198.51.100.${round}`;
      await guess(new Visitor(test));
    }
    const stranger = await guess(new Visitor(test), person.password);
    expect(stranger.status).toBe(429);
    test.address.current = '192.0.2.9';
    expect(await visitor.signIn(EMAIL, person.password)).toBe('/account');
  });

  it('count an IPv6 network as one', async () => {
    for (let round = 0; round < 10; round += 1) {
      test.address.current = `2001:db8:1:2::${round}`;
      await tryCode();
    }
    expect(await tryCode()).toBe(429);
  });

  it('shed passwords beyond what may be hashed at once, and never time out', async () => {
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => {
        const email = `p${index}@example.test`;
        const body = new URLSearchParams({ email, password: 'wrong password' });
        test.address.current = `203.0.113.${index}`;
        return test.app.request('/sign-in', {
          method: 'POST',
          body,
          headers: { origin: PUBLIC_URL },
        });
      }),
    );
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const shed = answers.find(({ status }) => status === 429);
    expect(shed?.headers.get('retry-after')).toBe('2');
  });
});

it('no password, code or cookie gets into the log or the audit log', async () => {
  await visitor.signIn(EMAIL, person.password);
  const { secret, backupCodes } = await addTotp();
  const session = [...visitor.cookies.values()].join(' ').split(/[ .]/);
  const text =
    test.logs.join('\n') + JSON.stringify(await test.db.selectFrom('audit').selectAll().execute());
  for (const hidden of [person.password, secret, ...backupCodes, ...session]) {
    expect(text).not.toContain(hidden);
  }
});
