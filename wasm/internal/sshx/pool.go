// Package sshx opens channels on one hub over SSH: one connection per Unix user that all channels share, host keys
// checked against what the server registered and what the netmap says, output under credit-based flow control. It
// knows nothing of JavaScript or Tailscale, so it is tested natively over net.Pipe.
package sshx

import (
	"context"
	"net"
	"sync"
	"time"

	"hubtab/wasm/internal/fault"
)

// Timing holds the delays of a connection; tests shorten them.
type Timing struct {
	// KeepAliveEvery is the time between two questions for a sign of life.
	KeepAliveEvery time.Duration
	// KeepAliveTimeout is how long the hub has to answer before we hang up.
	KeepAliveTimeout time.Duration
}

// DefaultTiming notices a dead hub within 35 s: netstack retransmits through shorter outages by itself, and the
// server's own TCP keepalive takes two hours.
var DefaultTiming = Timing{KeepAliveEvery: 20 * time.Second, KeepAliveTimeout: 15 * time.Second}

// Config says how a pool reaches its hub.
type Config struct {
	// Dial opens the transport to port 22 of the hub. A *fault.Error keeps its code, others become HubUnreachable.
	Dial     func(ctx context.Context) (net.Conn, error)
	HostKeys HostKeys
	Timing   Timing
}

// Pool holds the SSH connections to one hub, one per user.
type Pool struct {
	config Config
	ctx    context.Context
	cancel context.CancelCauseFunc
	seen   seenKey

	mu     sync.Mutex
	slots  map[string]*slot
	probed chan struct{} // closed and replaced by Probe
}

// slot is the connection of one user, or the attempt at it.
type slot struct {
	watchers watchers
	done     chan struct{} // closed when conn or err is set
	conn     *conn
	err      error
}

// NewPool returns a pool that connects on demand.
func NewPool(config Config) *Pool {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Pool{config: config, ctx: ctx, cancel: cancel, seen: seenKey{key: config.HostKeys.Seen}, slots: map[string]*slot{}, probed: make(chan struct{})}
}

// Open starts r as user. timeout bounds connecting and opening together, except while a banner waits for a person.
func (p *Pool) Open(user string, r Request, timeout time.Duration, progress Progress) (*Channel, error) {
	return p.use(user, timeout, progress, func(c *conn) (*Channel, error) { return c.open(p.ctx, r) })
}

// Dial connects to a TCP port as the hub sees it, through the connection of user. The channel has one stream and ends
// without an exit status.
func (p *Pool) Dial(user, host string, port uint32, timeout time.Duration) (*Channel, error) {
	return p.use(user, timeout, Progress{}, func(c *conn) (*Channel, error) { return c.forward(p.ctx, host, port) })
}

// use opens a channel on the connection of user, which it makes if there is none.
func (p *Pool) use(user string, timeout time.Duration, progress Progress, open func(*conn) (*Channel, error)) (*Channel, error) {
	if cause := context.Cause(p.ctx); cause != nil {
		return nil, cause
	}
	s := p.slotFor(user, timeout)
	s.watchers.add(progress)
	select {
	case <-s.done:
	case <-p.ctx.Done():
		return nil, context.Cause(p.ctx)
	}
	if s.err != nil {
		return nil, s.err
	}
	return p.openOn(s.conn, open, timeout)
}

// slotFor returns the live or growing connection of user, or begins one.
func (p *Pool) slotFor(user string, timeout time.Duration) *slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.slots[user]; s != nil && !s.isOver() {
		return s
	}
	s := &slot{done: make(chan struct{})}
	p.slots[user] = s
	go func() {
		s.conn, s.err = fault.Protect(func() (*conn, error) { return p.dial(p.ctx, user, timeout, &s.watchers) })
		s.watchers.settle()
		close(s.done)
		if s.conn == nil {
			return
		}
		select {
		case <-p.ctx.Done():
			s.conn.client.Close()
			hangUp(s.conn.netConn)
		case <-s.conn.dead:
		}
	}()
	return s
}

// isOver reports whether the slot failed or its connection died: the next open dials again.
func (s *slot) isOver() bool {
	select {
	case <-s.done:
		return s.err != nil || s.conn.isDead()
	default:
		return false
	}
}

// openOn opens a channel on c within timeout.
func (p *Pool) openOn(c *conn, open func(*conn) (*Channel, error), timeout time.Duration) (*Channel, error) {
	type result struct {
		channel *Channel
		err     error
	}
	opened := make(chan result, 1)
	go func() {
		channel, err := fault.Protect(func() (*Channel, error) { return open(c) })
		opened <- result{channel, err}
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var err error
	select {
	case got := <-opened:
		return got.channel, got.err
	case <-p.ctx.Done():
		err = context.Cause(p.ctx)
	case <-timer.C:
		c.probe(c.timing.KeepAliveTimeout) // the connection may be dead without knowing
		err = fault.New(fault.HubUnreachable, "the hub did not open a channel within %v", timeout)
	}
	go func() { // what opens too late must not stay
		if got := <-opened; got.channel != nil {
			got.channel.Close()
		}
	}()
	return nil, err
}

// Probe asks every connection for a sign of life now, because the network may have changed, and hangs up on those that
// give none within timeout; if 0, within the usual time. Transports that are being dialled are dialled anew.
func (p *Pool) Probe(timeout time.Duration) {
	if timeout == 0 {
		timeout = p.config.Timing.KeepAliveTimeout
	}
	p.mu.Lock()
	close(p.probed)
	p.probed = make(chan struct{})
	p.mu.Unlock()
	for _, c := range p.live() {
		c.probe(timeout)
	}
}

// Stats counts the live connections and the channels on them.
func (p *Pool) Stats() (connections, channels int) {
	for _, c := range p.live() {
		connections++
		channels += int(c.channels.Load())
	}
	return connections, channels
}

func (p *Pool) live() []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	var conns []*conn
	for _, s := range p.slots {
		select {
		case <-s.done:
			if s.conn != nil && !s.conn.isDead() {
				conns = append(conns, s.conn)
			}
		default:
		}
	}
	return conns
}

// Close ends every channel and every running call with cause, and hangs up. Later calls fail with it too.
func (p *Pool) Close(cause *fault.Error) {
	p.cancel(cause)
}
