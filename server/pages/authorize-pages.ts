import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { AuthorizationRequest } from '../identity/authorization.ts';
import { browserLabel } from '../identity/browser-label.ts';
import type { Person } from '../identity/sign-in.ts';
import type { AppEnvironment } from '../middleware/environment.ts';
import type { Services } from '../services.ts';
import { pageApp, readForm, requirePerson, safeNext, sameOrigin, signInPath } from './guard.ts';
import { narrow, page } from './page.ts';

type PageContext = Context<AppEnvironment>;

/** `/oauth2/authorize`: the person allows the extension in this browser, in the window that it opened. */
export function authorizePages(services: Services): Hono<AppEnvironment> {
  const { authorization } = services;
  const app = pageApp(services);

  app.get('/oauth2/authorize', async (c) => {
    const request = authorization.read(c.req.query());
    if (!request.ok) return refuse(c, request.error);
    const person = await requirePerson(c, services);
    return consentPage(c, person, request.value);
  });

  app.post('/oauth2/authorize', sameOrigin(services), async (c) => {
    const request = authorization.read(c.req.query());
    if (!request.ok) return refuse(c, request.error);
    const { account } = await requirePerson(c, services);
    const { answer } = await readForm(c);
    if (answer !== 'allow') return c.redirect(authorization.deny(request.value), 303);
    const from = {
      label: browserLabel(c.req.header('user-agent')),
      address: services.clientAddress(c),
    };
    return c.redirect(await authorization.allow(request.value, account.id, from), 303);
  });
  return app;
}

type Refusal = Extract<ReturnType<Services['authorization']['read']>, { ok: false }>['error'];

function refuse(c: PageContext, refusal: Refusal): Response | Promise<Response> {
  if (refusal.kind === 'redirect') return c.redirect(refusal.to, 303);
  return page(c, {
    title: 'Not allowed',
    status: 400,
    body: narrow({ heading: 'This cannot be allowed', text: refusal.sentence, badge: 'failed' }),
  });
}

function consentPage(
  c: PageContext,
  { account }: Person,
  request: AuthorizationRequest,
): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const here = `${pathname}${search}`;
  return page(c, {
    title: 'Allow this browser?',
    formTargets: [new URL(request.redirectUri).origin],
    body: narrow({
      heading: 'Allow this browser?',
      text: `The Hubtab extension wants to act for ${account.email}.`,
      body: html`<form method="post" action="${here}">
          <dl class="facts">
            <dt>It may</dt>
            <dd>list, add and remove your hubs and open terminals on them</dd>
            <dt>It may not</dt>
            <dd>change your account or add people</dd>
            <dt>Browser</dt>
            <dd>${browserLabel(c.req.header('user-agent'))}</dd>
            <dt>Until</dt>
            <dd>you sign out, 30 days at most</dd>
          </dl>
          <div class="two">
            <button class="button big" name="answer" value="deny">Deny</button>
            <button class="button main big" name="answer" value="allow">Allow</button>
          </div>
        </form>
        <p class="hint">
          Not ${account.email}? <a href="${signInPath(safeNext(here))}">Use another account</a>
        </p>`,
    }),
  });
}
