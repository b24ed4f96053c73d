// Asks for the stored state before the popup's own script is even loaded: `entrypoints/popup/main.tsx` draws it.
// Firefox's `chrome` wants a callback in Manifest V2; its `browser` answers with promises.
globalThis.popupState = (globalThis.browser ?? chrome).storage.session.get('state');
