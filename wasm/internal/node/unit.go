// Package node is a Tailscale client in a process: it joins a unit of the tailnet, keeps its identity in memory,
// reports its state and its peers, and reaches the unit's one hub. It knows nothing of JavaScript, so it is tested
// natively against a real Headscale.
package node

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
	"tailscale.com/ipn"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/latest"
	"hubtab/wasm/internal/sshx"
)

// State is a UnitState of node.d.ts.
type State struct {
	Kind string // one of the Kind constants
	// Reason, for KindReconnecting, says what broke.
	Reason string
	// Code and Message, for KindFailed.
	Code    fault.Code
	Message string
}

// The kinds of State.
const (
	KindRunning      = "running"
	KindReconnecting = "reconnecting"
	KindFailed       = "failed"
)

// Unit is a joined unit.
type Unit struct {
	id      string
	hub     hub
	timing  Timing
	backend *backend
	pool    *sshx.Pool
	state   *latest.Value[State]
	peers   *latest.Value[[]Peer]
	hostKey *latest.Value[string]
	errors  mistakes
	ctx     context.Context
	cancel  context.CancelFunc

	lastPing atomic.Pointer[PingStats]

	endOnce sync.Once
	endErr  error
}

func newUnit(cfg Config, h hub, b *backend, timing Timing) *Unit {
	ctx, cancel := context.WithCancel(context.Background())
	u := &Unit{id: cfg.ID, hub: h, timing: timing, backend: b, ctx: ctx, cancel: cancel,
		state: latest.New[State](), peers: latest.New[[]Peer](), hostKey: latest.New[string]()}
	u.pool = sshx.NewPool(sshx.Config{
		Dial: u.dialHub,
		HostKeys: sshx.HostKeys{
			Registered: h.hostKeys, Netmap: u.hubHostKeys, Trusted: cfg.TrustedHostKeys, Seen: h.seenHostKey,
			OnAccept: func(key ssh.PublicKey) { u.hostKey.Set(sshx.HostKeyLine(key)) },
		},
		Timing: sshx.DefaultTiming,
	})
	u.state.Set(State{Kind: KindRunning})
	u.peers.Set(u.currentPeers())
	go u.follow()
	return u
}

// ID returns the hub's id.
func (u *Unit) ID() string { return u.id }

// Self returns the unit's own node.
func (u *Unit) Self() Self { return u.backend.self() }

// Peers returns the peers as of the newest netmap.
func (u *Unit) Peers() []Peer { return u.peers.Get() }

// State returns the unit's state.
func (u *Unit) State() State { return u.state.Get() }

// OnState sets who is told the state: now, and on every change.
func (u *Unit) OnState(listener func(State)) { u.state.Listen(listener) }

// OnPeers sets who is told the peers: now, and on every change.
func (u *Unit) OnPeers(listener func([]Peer)) { u.peers.Listen(listener) }

// OnHostKey sets who is told the hub's host key, `<type> <base64>`: whenever one was accepted.
func (u *Unit) OnHostKey(listener func(string)) { u.hostKey.Listen(listener) }

// OnStateBytes sets who is told the node's identity: now, and on every change. It is secret.
func (u *Unit) OnStateBytes(listener func([]byte)) { u.backend.store.exported.Listen(listener) }

// follow turns what the backend reports into states and peers until the unit ends.
func (u *Unit) follow() {
	seen := u.backend.monitor.snapshot().troubles
	tried := time.Now() // when control was last dialled, as far as we know
	for {
		now := u.backend.monitor.snapshot()
		if peers := u.currentPeers(); u.ctx.Err() == nil && !reflect.DeepEqual(peers, u.peers.Get()) {
			u.peers.Set(peers)
		}
		next := nextState(u.state.Get(), now, seen, u.backend.sys.HealthTracker.Get().GetInPollNetMap())
		if now.troubles > seen {
			tried = time.Now() // the error is told when the next try begins
			u.errors.add(Mistake{At: tried, What: "control", Code: fault.ControlUnreachable, Text: now.trouble})
		}
		seen = now.troubles
		if next.Kind == KindReconnecting && time.Since(tried) > redialEvery {
			tried = time.Now()
			u.backend.redial()
		}
		if u.ctx.Err() == nil && next != u.state.Get() {
			u.state.Set(next)
		}
		if !u.awaitChange(next) {
			return
		}
	}
}

// awaitChange waits until there may be news; false when the unit ended.
func (u *Unit) awaitChange(state State) bool {
	var recheck <-chan time.Time
	if state.Kind == KindReconnecting {
		// Nothing says that the map poll is back but the health tracker, and that only when asked.
		recheck = time.After(recheckEvery)
	}
	select {
	case <-u.backend.monitor.wake:
	case <-recheck:
	case <-u.ctx.Done():
		return false
	}
	return true
}

// nextState is the unit's state after what was observed; seen is how many troubles were known before.
func nextState(old State, now observed, seen int, inMapPoll bool) State {
	switch {
	case old.Kind == KindFailed:
		return old // only a new join helps
	case now.tooOld != "":
		return State{Kind: KindFailed, Code: fault.VersionTooOld, Message: now.tooOld}
	case now.gone != "":
		return State{Kind: KindFailed, Code: fault.NodeDeleted, Message: now.gone}
	case now.refusal != "":
		return State{Kind: KindFailed, Code: fault.NodeDeleted, Message: now.refusal}
	case now.state == ipn.NeedsLogin:
		return State{Kind: KindFailed, Code: fault.NodeDeleted, Message: "the node's key has expired"}
	case now.troubles > seen && !inMapPoll:
		return State{Kind: KindReconnecting, Reason: now.trouble}
	case old.Kind == KindReconnecting && inMapPoll:
		return State{Kind: KindRunning}
	}
	return old
}

// Leave logs the node out, so that Headscale deletes it, and ends the unit. Every call returns the first one's result.
func (u *Unit) Leave() error { return u.finish(true) }

// Stop ends the unit without logging out.
func (u *Unit) Stop() error { return u.finish(false) }

func (u *Unit) finish(logOut bool) error {
	u.endOnce.Do(func() {
		u.cancel()
		u.pool.Close(fault.New(fault.Left, "the unit was left"))
		u.state.Close()
		u.peers.Close()
		u.hostKey.Close()
		u.backend.store.exported.Close() // the log-out empties the store: nobody wants those bytes
		if logOut {
			u.endErr = u.backend.logOut()
		}
		u.backend.close()
	})
	return u.endErr
}
