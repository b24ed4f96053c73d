import type { Handlers } from '../../lib/messaging.ts';
import type { serverClient } from '../../lib/server-client.ts';
import type { Result } from '../../protocol/contexts.ts';
import { refresh } from './hubs.ts';
import { authorizedClient } from './tokens.ts';

type Sharing = Pick<
  Handlers<'background'>,
  'offer-hub' | 'end-share' | 'answer-offer' | 'approve-rejoin' | 'dismiss-notice'
>;

/** Who else may reach a hub, and what its owner should look at. Pages see the outcome in the state. */
export const sharing: Sharing = {
  'offer-hub': ({ hubId, email }) => change((server) => server.offerHub(hubId, email)),
  'end-share': ({ hubId, shareId }) => change((server) => server.endShare(hubId, shareId)),
  'answer-offer': ({ shareId, isAccepted }) =>
    change((server) => (isAccepted ? server.acceptOffer(shareId) : server.declineOffer(shareId))),
  'approve-rejoin': ({ hubId }) => change((server) => server.approveRejoin(hubId)),
  'dismiss-notice': ({ hubId, noticeId }) =>
    change((server) => server.dismissNotice(hubId, noticeId)),
};

/** Changes something on the server, and reads the hubs again: also after a refusal, which may mean that they changed. */
async function change<T>(
  work: (server: ReturnType<typeof serverClient>) => Promise<Result<T>>,
): Promise<Result<T>> {
  const client = await authorizedClient();
  if (!client.ok) return client;
  const answer = await work(client.value.server);
  await refresh();
  return answer;
}
