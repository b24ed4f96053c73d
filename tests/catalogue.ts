import { generateChromeMessages, parseMessagesFile } from '@wxt-dev/i18n/build';
import path from 'node:path';
import { fakeBrowser } from 'wxt/testing/fake-browser';

/** Gives the fake browser the texts of the real catalogue: it has none of its own. */
const file = path.resolve(import.meta.dirname, '..', 'locales', 'en.yml');
const messages: Record<string, { message: string }> = {
  ...generateChromeMessages(await parseMessagesFile(file)),
  '@@ui_locale': { message: 'en_GB' },
};

Object.assign(fakeBrowser.i18n, {
  getMessage: (key: string, substitutions: string[] = []) =>
    (messages[key]?.message ?? '').replace(
      /\$(\d)/g,
      (_, n: string) => substitutions[Number(n) - 1] ?? '',
    ),
});
