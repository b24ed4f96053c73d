package node

import (
	"sync"
	"time"

	"tailscale.com/control/controlclient"
	"tailscale.com/util/eventbus"

	"hubtab/wasm/internal/fault"
)

// wrongBy is how far a clock may be off without being named as a cause. Less than this is usual and harms nothing: the
// first thing to break is WireGuard after a clock went back, whose peers refuse older handshakes than the last one.
const wrongBy = 5 * time.Minute

// clock compares this computer's clock with control's.
type clock struct {
	client *eventbus.Client

	mu      sync.Mutex
	heard   time.Time     // when control last said its time; zero before
	control time.Time     // what it said
	skew    time.Duration // of ours against control's, at that moment
}

// newClock listens to what control says, until close.
func newClock(bus *eventbus.Bus) *clock {
	c := &clock{client: bus.Client("hubtab.clock")}
	eventbus.SubscribeFunc(c.client, func(t controlclient.ControlTime) { c.hear(t.Value, time.Now()) })
	return c
}

func (c *clock) close() { c.client.Close() }

func (c *clock) hear(control, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard, c.control, c.skew = now, control, now.Sub(control)
}

// offBy returns how far our clock is ahead of control's (behind if negative), zero if nothing is known.
func (c *clock) offBy(now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard.IsZero() {
		return 0
	}
	// The monotonic clock stands still while a computer sleeps, so it can only prove that the other one went back.
	back := now.Round(0).Sub(c.heard.Round(0)) - now.Sub(c.heard)
	return c.skew + min(0, back)
}

// explain turns err into ClockWrong if it says that a peer is silent and the clock is off enough to be the reason.
func (c *clock) explain(err error) error {
	if code := fault.CodeOf(err); code != fault.HubUnreachable && code != fault.ControlUnreachable {
		return err
	}
	off := c.offBy(time.Now())
	if off.Abs() < wrongBy {
		return err
	}
	word := "ahead of"
	if off < 0 {
		word = "behind"
	}
	return fault.New(fault.ClockWrong, "this computer's clock is %v %s the server's: %w", off.Abs().Round(time.Second), word, err)
}
