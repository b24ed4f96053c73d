import { i18n } from '#i18n';
import { plainText } from '../../components/plain-text.ts';
import { dateText } from '../../components/times.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { ask } from '../../lib/ask.ts';
import type { ShareOffer } from '../../protocol/shares.ts';
import { useChange } from './use-change.ts';

interface OffersProps {
  offers: readonly ShareOffer[];
  server: string;
}

/** Hubs that others offer. An offer tells who offers, and nothing that the other chose. */
export function Offers({ offers, server }: OffersProps) {
  const { isBusy, error, run } = useChange(server);
  if (offers.length === 0) return null;
  const answer = (shareId: string, isAccepted: boolean) =>
    run(() => ask('answer-offer', { shareId, isAccepted }));
  return (
    <div class="offers" id="offers">
      <h3>{i18n.t('options.sharing.offers')}</h3>
      <p class="muted">{i18n.t('options.sharing.offersHint')}</p>
      {error && <WrongHint fault={error.code}>{error.sentence}</WrongHint>}
      <ul>
        {offers.map(({ id, from, expiresAt }) => {
          const name = plainText(from, 100);
          return (
            <li key={id} data-offer={id}>
              <span class="grow">
                <span class="medium cut" title={name}>
                  {name}
                </span>
                <span class="muted num">
                  {i18n.t('options.sharing.until', {
                    date: dateText(Date.parse(expiresAt), 'long'),
                  })}
                </span>
              </span>
              <button
                type="button"
                class="button small"
                aria-disabled={isBusy}
                onClick={() => answer(id, true)}
              >
                {i18n.t('options.sharing.accept')}
                <span class="visually-hidden"> {name}</span>
              </button>
              <button
                type="button"
                class="button small plain"
                aria-disabled={isBusy}
                onClick={() => answer(id, false)}
              >
                {i18n.t('options.sharing.decline')}
                <span class="visually-hidden"> {name}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
