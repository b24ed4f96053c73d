package node

import (
	"context"
	"strings"
	"time"

	"tailscale.com/ipn"
	"tailscale.com/types/logger"

	"hubtab/wasm/internal/fault"
)

// Timing holds the delays of a unit; tests shorten them.
type Timing struct {
	// Join bounds the wait for Headscale: a join takes under a second on a good line, a few on a bad one.
	Join time.Duration
	// Ping bounds one ping of the hub.
	Ping time.Duration
}

// DefaultTiming is for people who look at a spinner.
var DefaultTiming = Timing{Join: 20 * time.Second, Ping: 5 * time.Second}

// Join starts a unit and waits until it runs and its first netmap is in. With both state and key it resumes, and
// spends the key only if the stored node is gone; it then starts from nothing, so that no old identity is re-used.
func Join(logf logger.Logf, cfg Config, timing Timing) (*Unit, error) {
	hub, err := cfg.check()
	if err != nil {
		return nil, err
	}
	if len(cfg.State) > 0 {
		b, err := attempt(logf, cfg, cfg.State, "", timing.Join)
		if err == nil {
			return newUnit(cfg, hub, b, timing), nil
		}
		if fault.CodeOf(err) != fault.NodeDeleted || cfg.AuthKey == "" {
			return nil, err
		}
	}
	b, err := attempt(logf, cfg, nil, cfg.AuthKey, timing.Join)
	if err != nil {
		return nil, err
	}
	return newUnit(cfg, hub, b, timing), nil
}

// attempt brings up one backend, or returns the named reason why not with nothing left behind.
func attempt(logf logger.Logf, cfg Config, state []byte, authKey string, timeout time.Duration) (*backend, error) {
	st, err := newStore(state)
	if err != nil {
		return nil, err
	}
	b, err := newBackend(logf, st)
	if err != nil {
		st.exported.Close()
		return nil, err
	}
	if err = b.start(cfg, authKey); err == nil {
		err = b.awaitRunning(authKey, timeout)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// awaitRunning follows the backend until it runs or cannot.
func (b *backend) awaitRunning(authKey string, timeout time.Duration) error {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	loggingIn := false
	for {
		now := b.monitor.snapshot()
		if now.state == ipn.Running && len(b.selfIPs()) > 0 {
			return nil
		}
		if err := joinFailure(now, authKey != ""); err != nil {
			return err
		}
		if now.state == ipn.NeedsLogin && !loggingIn {
			// Start does not log in by itself on a fresh profile, not even with a key.
			loggingIn = true
			if err := b.lb.StartLoginInteractive(context.Background()); err != nil {
				return fault.New(fault.Internal, "log in: %w", err)
			}
		}
		select {
		case <-b.monitor.wake:
		case <-deadline.C:
			return b.clock.explain(fault.New(fault.ControlUnreachable, "control did not answer within %v: %s", timeout, now.trouble))
		}
	}
}

// explainRefusal says in our words why control refused a key, in front of its own.
func explainRefusal(refusal string) string {
	for _, known := range []struct{ theirs, ours string }{
		{"already used", "the key was used before"},
		{"expired", "the key has expired"},
		{"invalid", "the key is unknown"}, // it was never made, or was deleted
		{"not found", "the key is unknown"},
	} {
		if strings.Contains(refusal, known.theirs) {
			return known.ours + " (" + refusal + ")"
		}
	}
	return refusal
}

// joinFailure returns why a joining backend will never run, or nil.
func joinFailure(now observed, hasKey bool) error {
	switch {
	case now.tooOld != "":
		return fault.New(fault.VersionTooOld, "join: %s", now.tooOld)
	case hasKey && now.refusal != "":
		return fault.New(fault.KeyRefused, "join: %s", explainRefusal(now.refusal))
	case hasKey && now.wantsLogin:
		return fault.New(fault.KeyRefused, "join: control wants a person to log in")
	case now.refusal != "":
		return fault.New(fault.NodeDeleted, "resume: %s", now.refusal)
	case now.gone != "":
		return fault.New(fault.NodeDeleted, "resume: %s", now.gone)
	case !hasKey && (now.wantsLogin || now.state == ipn.NeedsLogin):
		return fault.New(fault.NodeDeleted, "resume: control does not know the stored node")
	}
	return nil
}
