// Package relay is the connection to a DERP relay over a WebSocket that somebody else holds. Tailscale's own way
// (github.com/coder/websocket) enters and leaves Go once for every message, which is once for every packet: that was the
// largest cost of a download in a browser. Here bytes arrive many messages at a time and leave batched. It knows nothing
// of JavaScript, so it is tested natively.
package relay

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"time"
)

const (
	// MaxMessageBytes is the size of the largest message sent. Headscale reads with coder/websocket, which closes the
	// connection on a message above 32,768 bytes.
	MaxMessageBytes = 16 << 10
	// maxInputBytes is how much waits to be read before the socket's owner is asked to keep the rest. WASM memory never
	// shrinks, memory outside of it does.
	maxInputBytes = 1 << 20
	// maxOutputBytes is how much waits to be sent before Write waits.
	maxOutputBytes = 256 << 10
	// maxUnsentBytes is how much the socket may hold unsent before we stop feeding it: what is queued here delays every
	// keystroke behind it.
	maxUnsentBytes = 512 << 10
	// unsentCheck is how often a full socket is looked at; nothing tells when it drains.
	unsentCheck = 4 * time.Millisecond
	// batchYields is how often the flusher lets others run before it sends, so that packets which are made together
	// leave in one message. Each yield is one round of the goroutines that are ready, not a delay.
	batchYields = 4
)

// Socket is the WebSocket under a Conn. Its methods never block.
type Socket interface {
	// Send sends one message of at most MaxMessageBytes and returns how many bytes the socket now holds unsent. It does
	// not keep b.
	Send(b []byte) (unsent int)
	// Unsent returns how many bytes the socket holds unsent.
	Unsent() int
	// Resume asks for what Conn.Receive was refused.
	Resume()
	// Close ends the socket; nothing is received afterwards.
	Close()
}

// Conn is a byte stream over a Socket. Message borders mean nothing.
type Conn struct {
	socket Socket
	addr   addr

	mu       sync.Mutex
	change   *sync.Cond // broadcast on every change below
	in       [][]byte
	inBytes  int
	isFull   bool // Receive has said so, and Resume is due
	out      []byte
	spare    []byte // the other one of two output buffers
	err      error  // why the stream ended, once it has
	deadline time.Time
	timer    *time.Timer // wakes readers; nil before the first deadline
	armed    time.Time   // when timer fires next, zero if it does not: at or before deadline
}

// NewConn returns a Conn over an open socket. url names it in errors and logs.
func NewConn(socket Socket, url string) *Conn {
	c := &Conn{socket: socket, addr: addr(url)}
	c.change = sync.NewCond(&c.mu)
	go c.flush()
	return c
}

// Receive takes over bytes that arrived. When it returns false, they were taken, but the next ones must wait for
// Socket.Resume. It never blocks.
func (c *Conn) Receive(b []byte) (more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || len(b) == 0 {
		return c.err == nil && !c.isFull
	}
	c.in = append(c.in, b)
	c.inBytes += len(b)
	c.isFull = c.inBytes >= maxInputBytes
	c.change.Broadcast()
	return !c.isFull
}

// End ends the stream with err: what has arrived can still be read, then every call returns err. It never blocks.
func (c *Conn) End(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	c.change.Broadcast()
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	for len(c.in) == 0 && c.err == nil && !c.isLate() {
		c.change.Wait()
	}
	if len(c.in) == 0 {
		defer c.mu.Unlock()
		if c.err != nil {
			return 0, c.err
		}
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, c.in[0])
	if c.in[0] = c.in[0][n:]; len(c.in[0]) == 0 {
		c.in[0] = nil // the array below stays until all of it is read
		if c.in = c.in[1:]; len(c.in) == 0 {
			c.in = nil
		}
	}
	c.inBytes -= n
	resume := c.isFull && c.inBytes < maxInputBytes/2 && c.err == nil
	if resume {
		c.isFull = false
	}
	c.mu.Unlock()
	if resume {
		c.socket.Resume()
	}
	return n, nil
}

// Write implements net.Conn. It waits only when far too much is unsent.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.out) >= maxOutputBytes && c.err == nil {
		c.change.Wait()
	}
	if c.err != nil {
		return 0, c.err
	}
	if len(c.out) == 0 {
		c.change.Broadcast()
	}
	c.out = append(c.out, p...)
	return len(p), nil
}

// flush sends what was written until the stream ends.
func (c *Conn) flush() {
	for {
		c.mu.Lock()
		for len(c.out) == 0 && c.err == nil {
			c.change.Wait()
		}
		c.mu.Unlock()
		for range batchYields {
			runtime.Gosched()
		}
		c.mu.Lock()
		batch := c.out
		c.out, c.spare = c.spare[:0], nil
		isOver := c.err != nil
		c.change.Broadcast() // for writers that wait for room
		c.mu.Unlock()
		if isOver {
			return
		}
		c.send(batch)
		c.mu.Lock()
		c.spare = batch
		c.mu.Unlock()
	}
}

// send sends b in messages, as fast as the socket takes them.
func (c *Conn) send(b []byte) {
	for len(b) > 0 {
		n := min(len(b), MaxMessageBytes)
		unsent := c.socket.Send(b[:n])
		b = b[n:]
		for unsent > maxUnsentBytes && !c.isOver() {
			time.Sleep(unsentCheck)
			unsent = c.socket.Unsent()
		}
	}
}

func (c *Conn) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil
}

// Close implements net.Conn. It acts at once: the peer is not waited for, since one that has vanished never answers.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.timer != nil {
		c.timer.Stop()
	}
	c.in, c.inBytes = nil, 0
	c.mu.Unlock()
	c.End(net.ErrClosed)
	c.socket.Close()
	return nil
}

// SetReadDeadline implements net.Conn. Tailscale sets it before every packet, so it only takes a note: the timer that
// is running looks at it when it fires.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	if !t.IsZero() && (c.armed.IsZero() || t.Before(c.armed)) {
		c.arm()
	}
	return nil
}

// arm makes the timer fire at the deadline. c.mu is held.
func (c *Conn) arm() {
	c.armed = c.deadline
	wait := time.Until(c.deadline)
	if c.timer == nil {
		c.timer = time.AfterFunc(wait, c.wakeLate)
	} else {
		c.timer.Reset(wait)
	}
}

func (c *Conn) wakeLate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed = time.Time{}
	switch {
	case c.err != nil || c.deadline.IsZero():
	case c.isLate():
		c.change.Broadcast()
	default:
		c.arm() // the deadline has moved since
	}
}

// isLate reports whether the deadline has passed. c.mu is held.
func (c *Conn) isLate() bool { return !c.deadline.IsZero() && !time.Now().Before(c.deadline) }

// SetWriteDeadline implements net.Conn. Nothing that uses a relay connection sets one.
func (c *Conn) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.addr }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.addr }

// addr is the URL of a socket.
type addr string

func (addr) Network() string  { return "websocket" }
func (a addr) String() string { return string(a) }
