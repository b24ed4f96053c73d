import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeFuzzer } from './fuzz/python.ts';
import { work } from './paths.ts';
import { buildBundles } from './build-bundles.ts';
import { startStack, type Stack } from './stack/start.ts';
import { signInAdmin } from './visitor.ts';

/**
 * `npm run fuzz -- [--minutes N] [--seed N]`: schemathesis makes up requests from the OpenAPI document of a real server
 * with a real Headscale and a joined hub, and looks for answers that the document does not allow, and for 5xx. Exit
 * status 0 when it found none.
 */
const MINUTES = 10;

/** What an answer is held against. Whether valid requests succeed is not: most name things that are not there. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
];

/** What refuses a request that is not valid; 413 is missing from the fuzzer's own list. */
const REFUSALS = `[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429]
`;

interface Part {
  name: string;
  /** Of the whole time. */
  share: number;
  /** What says who asks. */
  headers: (stack: Stack) => Promise<Record<string, string>>;
  args: readonly string[];
  /** What cannot be told here. */
  withoutChecks?: readonly string[];
  /** Values for parameters that are not to be made up. */
  parameters?: (stack: Stack) => Record<string, string>;
}

const hubId = (stack: Stack) => {
  const id = stack.info.accounts[0]?.hubs[0]?.id;
  if (!id) throw new Error('invariant: the stack was asked for one hub');
  return id;
};
const bearer = (token: string | undefined) => ({ Authorization: `Bearer ${token}` });
const account = async (stack: Stack) => bearer(stack.info.accounts[0]?.accessToken);

const PARTS: Part[] = [
  {
    name: 'an account, made-up ids',
    share: 0.3,
    headers: account,
    args: ['--exclude-path-regex', '^/v1/(hub|admin)/'],
  },
  {
    name: 'an account, its own hub',
    share: 0.3,
    headers: account,
    args: ['--include-path-regex', String.raw`^/v1/hubs/\{id\}/`],
    parameters: (stack) => ({ 'path.id': hubId(stack) }),
  },
  {
    name: 'a hub',
    share: 0.2,
    headers: async (stack) => {
      const { identity } = stack.server.internals.services;
      return bearer((await identity.issueHubToken(hubId(stack))).access_token);
    },
    args: ['--include-path-regex', '^/v1/hub/'],
  },
  {
    name: 'an admin',
    share: 0.2,
    headers: async ({ server }) => ({
      Cookie: (await signInAdmin(server, 'admin@example.test')).cookie,
      Origin: server.url,
    }),
    args: ['--include-path-regex', '^/v1/admin/'],
    // To the fuzzer the cookie is a parameter that it leaves out, and yet each request has it.
    withoutChecks: ['negative_data_rejection', 'ignored_auth'],
  },
];

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes ?? MINUTES);
if (!(minutes > 0)) {
  process.stderr.write('--minutes: expected a number above 0\n');
  process.exit(2);
}

const program = await makeFuzzer();
await buildBundles();
const stack = await startStack({ accounts: 2, hubs: 1 });
try {
  for (const part of PARTS) {
    const code = await fuzz(part);
    process.stdout.write(`${part.name}: ${code === 0 ? 'nothing found' : 'FOUND, see above'}\n`);
    if (code !== 0) process.exitCode = 1;
  }
} finally {
  await stack.stop();
}
process.exit();

async function fuzz(part: Part): Promise<number> {
  const config = path.join(work, 'fuzz', 'schemathesis.toml');
  // Parameters that are named here are not made up.
  const fixed = Object.entries(part.parameters?.(stack) ?? {});
  const lines = fixed.map(([name, value]) => `"${name}" = "${value}"\n`);
  await writeFile(config, `${REFUSALS}[parameters]\n${lines.join('')}`);
  const args = [
    '--config-file',
    config,
    'run',
    `${stack.info.serverUrl}/openapi.json`,
    ...Object.entries(await part.headers(stack)).flatMap(([name, value]) => [
      '--header',
      `${name}: ${value}`,
    ]),
    '--checks',
    CHECKS.filter((check) => !part.withoutChecks?.includes(check)).join(','),
    '--max-time',
    String(Math.ceil(minutes * 60 * part.share)),
    '--continue-on-failure',
    '--suppress-health-check',
    'all',
    '--report-dir',
    path.join(work, 'fuzz', 'report'),
    ...(values.seed ? ['--seed', values.seed] : []),
    ...part.args,
  ];
  const child = spawn(program, args, { stdio: 'inherit', cwd: path.join(work, 'fuzz') });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
