package node

import "time"

const (
	// kickTries is how often a kicked unit pings: packets that were under way are lost with the sockets they were in.
	kickTries = 3
	// kickProbe is how long an SSH connection has to answer, beside two round trips, once a ping says that the way to the
	// hub is open. TCP waits as long as an outage took before it sends again (RFC 6298, 5.5), on both sides and up to two
	// minutes; a new connection takes a tenth of a second.
	kickProbe = 500 * time.Millisecond
)

// Kick makes everything anew that may be broken, because the network may have changed: control is polled, the relay
// dialled, and connections that stay silent are given up. The sockets themselves are aborted by whoever owns them, before.
//
// It does not tell Tailscale's network monitor: that takes LocalBackend's lock and with it waits for control's back-off.
func (u *Unit) Kick() {
	if u.ctx.Err() != nil {
		return
	}
	u.backend.redial()
	u.backend.lb.DebugReSTUN()
	for range kickTries {
		// Traffic makes the relay's connection dial at once; by itself it would wait for its own back-off.
		if rtt, _, err := u.Ping(); err == nil {
			u.pool.Probe(kickProbe + 2*rtt)
			return
		}
	}
	u.pool.Probe(0)
}
