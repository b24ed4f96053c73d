// Asks for the stored state before the popup's own script is even loaded: `entrypoints/popup/main.tsx` draws it.
globalThis.popupState = chrome.storage.session.get('state');
