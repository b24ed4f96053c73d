import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import type { z } from 'zod';
import { sessionCookie } from './identity/sign-in-options.ts';
import { isHeadscaleError } from './headscale/errors.ts';
import { errorText, type Log } from './log.ts';
import type { AppEnvironment } from './middleware/environment.ts';
import { requestLog } from './middleware/request-log.ts';
import { accountPages } from './pages/account-pages.ts';
import { adminAccountPages } from './pages/admin-account-pages.ts';
import { adminNetPages } from './pages/admin-net-pages.ts';
import { adminServerPages } from './pages/admin-server-pages.ts';
import { authorizePages } from './pages/authorize-pages.ts';
import { devicePages } from './pages/device-pages.ts';
import { helpPages } from './pages/help-pages.ts';
import { setupPages } from './pages/setup-pages.ts';
import { signInPages } from './pages/sign-in-pages.ts';
import { ApiError, problemResponse } from './problem.ts';
import { adminAccountRoutes } from './routes/admin-accounts.ts';
import { adminNetRoutes } from './routes/admin-net.ts';
import { adminServerRoutes } from './routes/admin-server.ts';
import { browserKeyRoutes } from './routes/browser-key.ts';
import { browserRoutes } from './routes/browsers.ts';
import { healthRoutes } from './routes/health.ts';
import { hubSelfRoutes } from './routes/hub.ts';
import { hubRoutes } from './routes/hubs.ts';
import { installRoutes } from './routes/install.ts';
import { joinTokenRoutes } from './routes/join-tokens.ts';
import { landingRoutes } from './routes/landing.ts';
import { meRoutes } from './routes/me.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { oauthRoutes } from './routes/oauth.ts';
import { pairingRoutes } from './routes/pairing.ts';
import { shareRoutes } from './routes/shares.ts';
import type { Services } from './services.ts';
import { headscaleUnavailable } from './units/unit-keys.ts';

/** The largest body we expect is a heartbeat with eight host keys, about 6 KiB. */
const MAX_BODY_BYTES = 16 * 1024;

/** The HTTP API. No CORS anywhere: extensions with host permission need none, web pages have no business here. */
export function createApp(services: Services): OpenAPIHono<AppEnvironment> {
  const app = new OpenAPIHono<AppEnvironment>({
    defaultHook: (result) => {
      if (!result.success) throw badRequest(result.error);
    },
  });
  useMiddleware(app, services);
  app.route('/', landingRoutes(services));
  app.route('/', installRoutes(services));
  app.route('/', helpPages());
  for (const pages of [
    setupPages,
    signInPages,
    accountPages,
    authorizePages,
    devicePages,
    adminAccountPages,
    adminNetPages,
    adminServerPages,
  ]) {
    app.route('/', pages(services));
  }
  app.route('/', healthRoutes(services));
  app.route('/', metricsRoutes(services));
  app.route('/', oauthRoutes(services));
  app.route('/', pairingRoutes(services));
  app.route('/', meRoutes(services));
  app.route('/', joinTokenRoutes(services)); // before /v1/hubs/{id}
  app.route('/', hubRoutes(services));
  app.route('/', browserKeyRoutes(services));
  app.route('/', browserRoutes(services));
  app.route('/', shareRoutes(services));
  app.route('/', hubSelfRoutes(services));
  app.route('/', adminAccountRoutes(services));
  app.route('/', adminNetRoutes(services));
  app.route('/', adminServerRoutes(services));
  serveDocument(app, services);
  return app;
}

function useMiddleware(app: OpenAPIHono<AppEnvironment>, services: Services): void {
  const { log } = services;
  app.use(requestLog(services));
  app.use(
    secureHeaders({
      // A form of ours needs its origin told to us: with less, browsers say "null" instead.
      referrerPolicy: 'same-origin',
      // Said once by whoever terminates TLS; on plain loopback it would be wrong.
      strictTransportSecurity: false,
    }),
  );
  app.use(async function safeDefaults(c, next) {
    await next();
    // Answers hold keys or the state of now; assets say themselves that they may be kept.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
    if (!c.res.headers.has('Content-Security-Policy')) {
      c.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    }
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = allowedMethods(app, c.req.path, methods).join(', ');
        return problemResponse(
          c,
          new ApiError('method-not-allowed', `This path takes ${allow}.`, {
            headers: { Allow: allow },
          }),
        );
      },
    }),
  );
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new ApiError('body-too-large', `Bodies end at ${MAX_BODY_BYTES} bytes here.`);
      },
    }),
  );
  app.notFound((c) => problemResponse(c, new ApiError('not-found', NO_ROUTE)));
  app.onError((error, c) => problemResponse(c, toApiError(error, c, log)));
}

/** `/v1/hubs/join-tokens` looks like a `/v1/hubs/{id}` too, but takes only its own methods. */
function allowedMethods(
  app: OpenAPIHono<AppEnvironment>,
  path: string,
  matching: readonly string[],
): readonly string[] {
  const own = app.routes.filter((route) => route.path === path && route.method !== 'ALL');
  if (own.length === 0) return matching;
  const methods = own.map(({ method }) => method);
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)];
}

const NO_ROUTE = 'There is nothing here. The API is described in /openapi.json.';

function toApiError(error: Error, c: Context<AppEnvironment>, log: Log): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    const detail = error.status === 415 ? 'Send the Content-Type that the API describes.' : '';
    return new ApiError('bad-request', detail || `${error.message || 'Not a valid request'}.`, {
      status: error.status === 415 ? 415 : 400,
    });
  }
  const requestId = c.get('requestId');
  log('error', 'request-failed', { requestId, error: errorText(error) });
  if (isHeadscaleError(error)) return headscaleUnavailable(undefined, error);
  return new ApiError(
    'internal',
    `Something went wrong on the server. Tell its administrator this request id: ${requestId}.`,
  );
}

/** Where the request is wrong and what was expected; never what was sent. */
function badRequest(error: z.core.$ZodError): ApiError {
  const issues = error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join('.') || 'body'}: ${issue.message}`);
  return new ApiError('bad-request', `${issues.join('; ')}.`);
}

function serveDocument(app: OpenAPIHono<AppEnvironment>, { version, publicUrl }: Services): void {
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'Access token of an account or a hub',
  });
  registry.registerComponent('securitySchemes', 'joinToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'One-use token of POST /v1/hubs/join-tokens',
  });
  registry.registerComponent('securitySchemes', 'adminCookie', {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookie(publicUrl),
    description:
      'Session of an admin who signed in on the pages with a passkey or an authenticator app, at most 10 minutes ago',
  });
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Hubtab', version } });
}
