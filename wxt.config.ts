import { defineConfig } from 'wxt';

/**
 * Public half of a key pair whose private half was never kept: it fixes the extension's id, and with it the address that
 * sign-in returns to, in builds that are loaded unpacked. Stores sign with their own key.
 */
const PUBLIC_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAiQGko9OjKzV746FVksQgSyn9AzJHa/zOUpx8tZh5ICPHd9+dWw44u3/ul6zYUdQ/fvUPKGcWnEw0S6FufzoO1mYuRIvr0BCmLRPlQeEKxXHRHCUspt5qhN4gqYf9fHD8Vpf6aFTbAWj9bet7NbLHxL3ylmKgNfjfOSW6n0P//m8eqz//UsxYJLpgKhgulwmHKa3Xz8u7o75dA9VtVyeqJUxZYlPH4g01kz/z0V3Lbl3Ty2ROlldomwQolOn4Aog1+m3w1zhJ79PKQrjWagh+vKZp1vi3QioM1HnOJKxh/6nl5fkP7uRQ49v+pQIW/b01weHDVbWN+AlnyifQNt6NpQIDAQAB';

/** Origins that a person may allow, one at a time, when they name their server. Loopback is for servers on this machine. */
const SERVER_ORIGINS = ['https://*/*', 'http://127.0.0.1/*', 'http://localhost/*'];

export default defineConfig({
  modules: ['@wxt-dev/webextension-polyfill', '@wxt-dev/i18n/module'],
  imports: false,
  outDir: '.output',
  manifest: ({ mode }) => ({
    name: '__MSG_name__',
    description: '__MSG_description__',
    default_locale: 'en',
    key: PUBLIC_KEY,
    minimum_chrome_version: '140',
    permissions: [
      'offscreen',
      'storage',
      'alarms',
      'identity',
      'clipboardWrite',
      'notifications',
      'contextMenus',
      'scripting',
    ],
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
    content_security_policy: {
      // WebAssembly is compiled from the package only. Sockets and fetches go to whatever server the person named.
      extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'",
    },
    icons: {
      16: '/icons/hubtab-16.png',
      32: '/icons/hubtab-32.png',
      48: '/icons/hubtab-48.png',
      128: '/icons/hubtab-128.png',
    },
    action: {
      default_title: 'Hubtab',
      default_icon: { 16: '/icons/hubtab-16.png', 32: '/icons/hubtab-32.png' },
    },
    commands: {
      _execute_action: { suggested_key: { default: 'Alt+Shift+H' } },
      'next-waiting': {
        suggested_key: { default: 'Alt+Shift+J' },
        description: '__MSG_command_next_waiting__',
      },
    },
  }),
  vite: () => ({
    build: { target: 'chrome140' },
    worker: { format: 'es' },
  }),
});
