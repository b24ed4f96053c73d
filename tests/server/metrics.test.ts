import { beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../server/app.ts';
import { createServices } from '../../server/services.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const TOKEN = 'a-token-for-prometheus';
let test: TestApp;

beforeEach(async () => {
  test = await createTestApp();
});

function scrape(headers: Record<string, string> = {}) {
  const app = createApp(createServices({ ...test.services, metricsToken: TOKEN }));
  return app.request('/metrics', { headers });
}

describe('/metrics', () => {
  it('tells this machine how requests went, by the pattern of their route', async () => {
    test.address.current = '127.0.0.1';
    await test.app.request('/v1/hubs/01SECRETSECRETSECRETSECRET');
    const text = await (await test.app.request('/metrics')).text();
    expect(text).toMatch(
      /hubtab_request_seconds_count\{method="GET",route="\/v1\/hubs\/[:{]id\}?",status="401"\} 1/,
    );
    expect(text).toContain('hubtab_headscale_ready{shard="default"} 0');
    expect(text).toContain('hubtab_audit_entries 0');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toContain('SECRET');
  });

  it('is not there for other machines, nor through a proxy on this one', async () => {
    expect((await scrape()).status).toBe(404);
    expect((await scrape({ authorization: 'Bearer wrong' })).status).toBe(404);
    test.address.current = '127.0.0.1';
    expect((await scrape({ 'x-forwarded-for': '192.0.2.1' })).status).toBe(404);
  });

  it('is there for whoever has the token', async () => {
    expect((await scrape({ authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });
});
