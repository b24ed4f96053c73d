import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { LineForm } from '../../components/line-form.tsx';
import { plainText } from '../../components/plain-text.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { ask } from '../../lib/ask.ts';
import type { Hub } from '../../protocol/hubs.ts';
import { useChange } from './use-change.ts';

interface SharingProps {
  hub: Hub;
  server: string;
}

/** Whom a hub is shared with, and the ways to offer it and to take it back. */
export function Sharing({ hub, server }: SharingProps) {
  const end = useChange(server);
  const offer = useChange(server);
  // The form starts empty again after each offer.
  const [made, setMade] = useState(0);
  const isAddress = (email: string) => /^[^\s@]+@[^\s@]+$/.test(email);
  const [typedWrong, setTypedWrong] = useState(false);
  const submit = (typed: string) => {
    const email = typed.trim();
    setTypedWrong(!isAddress(email));
    if (!isAddress(email)) return;
    offer.run(
      () => ask('offer-hub', { hubId: hub.id, email }),
      () => setMade(made + 1),
    );
  };
  const error = typedWrong
    ? { code: 'bad-email', sentence: i18n.t('options.sharing.badEmail') }
    : offer.error;
  return (
    <div class="panel-of-hub sharing" data-sharing={hub.id}>
      <p class="muted">{i18n.t('options.sharing.means', { user: hub.sshUser })}</p>
      {end.error && <WrongHint fault={end.error.code}>{end.error.sentence}</WrongHint>}
      <ul aria-label={i18n.t('options.sharing.with', { hub: hub.name })}>
        {hub.shares.map(({ id, email, state }) => (
          <li key={id} data-share={id} data-state={state}>
            <span class="grow cut" title={email}>
              {plainText(email, 100)}
            </span>
            <span class="muted">
              {i18n.t(
                state === 'accepted' ? 'options.sharing.accepted' : 'options.sharing.offered',
              )}
            </span>
            <button
              type="button"
              class="button small"
              aria-disabled={end.isBusy}
              onClick={() => end.run(() => ask('end-share', { hubId: hub.id, shareId: id }))}
            >
              {i18n.t(state === 'accepted' ? 'options.sharing.stop' : 'options.sharing.takeBack')}
              <span class="visually-hidden"> {email}</span>
            </button>
          </li>
        ))}
      </ul>
      <LineForm
        key={made}
        name="email"
        label={i18n.t('options.sharing.email')}
        showsLabel
        submitLabel={i18n.t('options.sharing.offer')}
        busyLabel={i18n.t('options.sharing.offering')}
        isBusy={offer.isBusy}
        error={error}
        onSubmit={submit}
      />
    </div>
  );
}
