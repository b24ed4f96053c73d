package node

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"tailscale.com/ipn"
	"tailscale.com/ipn/ipnlocal"
	"tailscale.com/types/logger"
)

// observed is what is known of a backend from its notifications and its log.
type observed struct {
	state ipn.State
	// wantsLogin is true when control sent a page for a person to log in at: it does not know the node (any more).
	wantsLogin bool
	// refusal is why control does not let the node register; empty if it did not say so.
	refusal string
	// gone is what control answered when it no longer knew the node; empty if it does.
	gone string
	// tooOld is what control said when it no longer spoke with this version; empty if it does.
	tooOld string
	// trouble is the newest other error of the control connection.
	trouble string
	// troubles counts them, so that a repeated one is seen.
	troubles int
}

// monitor gathers observed and wakes one reader on every change. Writing to it never blocks: a notification callback
// that waits makes LocalBackend drop its watcher, and may deadlock with it.
type monitor struct {
	mu   sync.Mutex
	now  observed
	wake chan struct{}
}

func newMonitor() *monitor { return &monitor{wake: make(chan struct{}, 1)} }

func (m *monitor) snapshot() observed {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *monitor) change(apply func(*observed)) {
	m.mu.Lock()
	apply(&m.now)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// listenTo returns a logf that also reads what only the log says: map polls that fail are not notified anywhere.
func (m *monitor) listenTo(logf logger.Logf) logger.Logf {
	return func(format string, args ...any) {
		if isChatter(format) && !strings.Contains(format, receivedError) {
			return // to put it together costs more than all other lines do
		}
		line := fmt.Sprintf(format, args...)
		if event, ok := readLogLine(line); ok {
			m.change(event.apply)
		}
		if line = cleanLogLine(line); line != "" {
			logf("%s", line)
		}
	}
}

// follow subscribes to the backend's notifications until ctx ends. LocalBackend closes a subscription that lags.
func (m *monitor) follow(ctx context.Context, lb *ipnlocal.LocalBackend) {
	const mask = ipn.NotifyInitialState | ipn.NotifyPeerChanges | ipn.NotifyInitialStatus
	for ctx.Err() == nil {
		lb.WatchNotifications(ctx, mask, nil, func(n *ipn.Notify) bool {
			m.note(n)
			return true
		})
	}
}

// isRefusal reports whether an ErrMessage is control's answer to a register request. Headscale 0.29.3 says "invalid pre
// auth key", "authkey already used" or "authkey expired" (hscontrol/types/preauth_key.go). The other two messages that
// exist are about a watcher that lags and a rate limit that passes.
func isRefusal(message string) bool {
	return !strings.HasPrefix(message, "IPN bus consumer") && !strings.HasPrefix(message, "node registration rate limited")
}

// note takes over what n says. Every notification wakes the reader, which looks at the netmap for itself.
func (m *monitor) note(n *ipn.Notify) {
	m.change(func(o *observed) {
		if n.State != nil {
			o.state = *n.State
		}
		if n.ErrMessage != nil && isRefusal(*n.ErrMessage) {
			o.refusal = *n.ErrMessage
		}
		if n.BrowseToURL != nil && *n.BrowseToURL != "" {
			o.wantsLogin = true
		}
	})
}
