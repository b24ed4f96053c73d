import { defineConfig } from 'wxt';
import { FIREFOX_EXTENSION_ID } from './protocol/oauth.ts';
import { troubleshootingHtml } from './server/pages/troubleshooting.ts';

/**
 * Public half of a key pair whose private half was never kept: it fixes the extension's id, and with it the address that
 * sign-in returns to, in builds that are loaded unpacked. Stores sign with their own key.
 */
const PUBLIC_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiQGko9OjKzV746FVksQgSyn9AzJHa/zOUpx8tZh5ICPHd9+dWw44u3/ul6zYUdQ/fvUPKGcWnEw0S6FufzoO1mYuRIvr0BCmLRPlQeEKxXHRHCUspt5qhN4gqYf9fHD8Vpf6aFTbAWj9bet7NbLHxL3ylmKgNfjfOSW6n0P//m8eqz//UsxYJLpgKhgulwmHKa3Xz8u7o75dA9VtVyeqJUxZYlPH4g01kz/z0V3Lbl3Ty2ROlldomwQolOn4Aog1+m3w1zhJ79PKQrjWagh+vKZp1vi3QioM1HnOJKxh/6nl5fkP7uRQ49v+pQIW/b01weHDVbWN+AlnyifQNt6NpQIDAQAB';

/** Origins that a person may allow, one at a time, when they name their server. Loopback is for servers on this machine. */
const SERVER_ORIGINS = ['https://*/*', 'http://127.0.0.1/*', 'http://localhost/*'];

const ICONS = {
  16: '/icons/hubtab-16.png',
  32: '/icons/hubtab-32.png',
  48: '/icons/hubtab-48.png',
  128: '/icons/hubtab-128.png',
};
const BUTTON = { default_title: 'Hubtab', default_icon: { 16: ICONS[16], 32: ICONS[32] } };

const EVERY_PERMISSION = [
  'storage',
  'alarms',
  'identity',
  'clipboardWrite',
  'notifications',
  'contextMenus',
  'scripting',
];

/** What only Chromium reads: Manifest V3. */
const chromium = (mode: string) => ({
  key: PUBLIC_KEY,
  minimum_chrome_version: '140',
  permissions: [...EVERY_PERMISSION, 'offscreen'],
  action: BUTTON,
  // A headless browser cannot click the permission prompt; the tests' build has their servers' origins from the start.
  ...(mode === 'e2e'
    ? {
        host_permissions: [
          'http://127.0.0.1/*',
          'https://localhost/*',
          'https://hubtab.test/*',
          'http://issues.test/*',
        ],
      }
    : { optional_host_permissions: SERVER_ORIGINS }),
});

/** What only Firefox reads: Manifest V2, whose background page lives as long as the browser and may hold a worker. */
const firefox = {
  browser_specific_settings: {
    gecko: {
      id: FIREFOX_EXTENSION_ID,
      strict_min_version: '140.0',
      // What a person signs in with goes to the server that this person named, and nothing to anybody else.
      data_collection_permissions: { required: ['authenticationInfo'] },
    },
  },
  permissions: EVERY_PERMISSION,
  optional_permissions: SERVER_ORIGINS,
  browser_action: BUTTON,
  // A private window cannot reach the background page.
  incognito: 'not_allowed',
};

export default defineConfig({
  modules: ['@wxt-dev/webextension-polyfill', '@wxt-dev/i18n/module'],
  imports: false,
  outDir: '.output',
  manifest: ({ browser, mode }) => ({
    name: '__MSG_name__',
    description: '__MSG_description__',
    default_locale: 'en',
    ...(browser === 'firefox' ? firefox : chromium(mode)),
    content_security_policy: {
      // WebAssembly is compiled from the package only. Sockets and fetches go to whatever server the person named.
      extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'",
    },
    icons: ICONS,
    commands: {
      [browser === 'firefox' ? '_execute_browser_action' : '_execute_action']: {
        suggested_key: { default: 'Alt+Shift+H' },
      },
      'next-waiting': {
        suggested_key: { default: 'Alt+Shift+J' },
        description: '__MSG_command_next_waiting__',
      },
    },
  }),
  vite: ({ browser }) => ({
    build: { target: browser === 'firefox' ? 'firefox140' : 'chrome140' },
    worker: { format: 'es' },
    plugins: [
      {
        // Every page is a realm of its own: code in chunks that pages share costs the popup a file each, and saves nothing.
        name: 'one-file-for-each-page',
        config: ({ build }) =>
          build?.lib
            ? undefined
            : {
                build: {
                  rolldownOptions: {
                    preserveEntrySignatures: false,
                    output: {
                      codeSplitting: { experimentalInlineCommonChunks: { maxSize: Infinity } },
                    },
                  },
                },
              },
      },
      {
        name: 'help',
        transformIndexHtml: (html) =>
          html.replace('<!-- docs/troubleshooting.md -->', troubleshootingHtml),
      },
    ],
  }),
});
