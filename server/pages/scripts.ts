/**
 * The pages' scripts, as text: they are served, not run here. Everything but WebAuthn and the token in a link's fragment
 * works without them. Each is a file of its own, because the pages' policy allows no script in the page.
 */
export const SCRIPTS: Record<string, string> = {
  /** Moves the token of `#t=…` into the form: fragments reach no log and no proxy. */
  'fragment.js': `
const token = new URLSearchParams(location.hash.slice(1)).get('t');
const input = document.querySelector('input[name=token]');
if (token && input) {
  input.value = token;
  input.closest('.field').hidden = true;
  history.replaceState(null, '', location.pathname);
}
`,

  'passkey.js': `
const button = document.querySelector('[data-passkey]');
const wrong = document.querySelector('[data-passkey-wrong]');
const ceremonies = {
  use: {
    options: '/api/auth/passkey/generate-authenticate-options',
    verify: '/api/auth/passkey/verify-authentication',
    run: async (json) => navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json),
    }),
  },
  add: {
    options: '/api/auth/passkey/generate-register-options',
    verify: '/api/auth/passkey/verify-registration',
    run: async (json) => navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json),
    }),
  },
};
const ask = async (path, body) => {
  const response = await fetch(path, body === undefined ? {} : {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(answer.code || String(response.status)), { status: response.status });
  return answer;
};
const words = (error) => {
  if (error.name === 'NotAllowedError') return 'The passkey was not used. Try again.';
  if (error.name === 'InvalidStateError') return 'This device has a passkey for this account already.';
  if (error.message === 'SESSION_NOT_FRESH') return 'Sign in again first: adding a passkey needs a sign-in from the last 10 minutes.';
  if (error.message === 'ACCOUNT_DISABLED') return 'This account is disabled. Ask an admin to enable it.';
  if (error.status === 429) return 'Too many tries. Wait a minute.';
  return 'This passkey is not known here.';
};
if (button && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  button.hidden = false;
  for (const element of document.querySelectorAll('[data-with-passkey]')) element.hidden = false;
  button.addEventListener('click', async () => {
    const ceremony = ceremonies[button.dataset.passkey];
    button.setAttribute('aria-disabled', 'true');
    wrong.hidden = true;
    try {
      const credential = await ceremony.run(await ask(ceremony.options));
      const name = button.dataset.name;
      await ask(ceremony.verify, { response: credential.toJSON(), ...(name ? { name } : {}) });
      const next = new URL(button.dataset.next, location.href);
      const isHere = next.pathname === location.pathname && next.search === location.search;
      location.assign(next);
      if (isHere) location.reload(); // another fragment alone loads nothing
    } catch (error) {
      wrong.querySelector('span').textContent = words(error);
      wrong.hidden = false;
    } finally {
      button.removeAttribute('aria-disabled');
    }
  });
}
`,

  /** Filters the rows of the admin tables. "/" goes to the field, arrows go from row to row. */
  'filter.js': `
const field = document.querySelector('input[data-filter]');
if (field) {
  field.hidden = false;
  field.addEventListener('input', () => {
    const wanted = field.value.toLowerCase();
    for (const row of document.querySelectorAll('tbody tr')) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    field.focus();
  });
}
const links = () => [...document.querySelectorAll('tbody tr:not([hidden]) a[data-row]')];
document.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !(event.target === field || event.target.matches('a[data-row]'))) return;
  const rows = links();
  const to = rows[rows.indexOf(event.target) + step];
  event.preventDefault();
  if (to) to.focus();
  else if (step < 0) field?.focus();
});
`,
};
