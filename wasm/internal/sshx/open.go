package sshx

import (
	"context"
	"errors"
	"io"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

// forwardPayload is RFC 4254, section 7.2. The originator is for the hub's log; ours has no address that means anything.
type forwardPayload struct {
	Host           string
	Port           uint32
	OriginatorHost string
	OriginatorPort uint32
}

// session is an SSH channel of which nothing was asked yet.
type session struct {
	channel  ssh.Channel
	requests <-chan *ssh.Request
}

// open starts r on the session that was opened ahead, if there is one: a click then waits for one round trip to the hub
// instead of two.
func (c *conn) open(ctx context.Context, r Request) (*Channel, error) {
	s, err := c.takeSession()
	if err != nil {
		return nil, openError(err)
	}
	ch, err := startChannel(ctx, c, s.channel, s.requests, missingStatusWait, r.start)
	go c.openAhead()
	return ch, err
}

func (c *conn) takeSession() (session, error) {
	select {
	case s := <-c.ahead:
		if !s.isOver() {
			return s, nil
		}
	default:
	}
	return c.openSession()
}

func (c *conn) openSession() (session, error) {
	channel, requests, err := c.client.OpenChannel("session", nil)
	return session{channel, requests}, err
}

// isOver reports whether the hub has ended the session; it has nothing to ask of one that has not begun.
func (s session) isOver() bool {
	select {
	case <-s.requests:
		s.channel.Close()
		return true
	default:
		return false
	}
}

// openAhead opens the session of the next open, unless somebody does so already.
func (c *conn) openAhead() {
	if !c.isOpeningAhead.CompareAndSwap(false, true) {
		return
	}
	defer c.isOpeningAhead.Store(false)
	if len(c.ahead) > 0 {
		return
	}
	if s, err := c.openSession(); err == nil { // else the next open tries for itself, and says why it fails
		c.ahead <- s
	}
}

// forward connects a fresh channel to a port as the hub sees it.
func (c *conn) forward(ctx context.Context, host string, port uint32) (*Channel, error) {
	payload := ssh.Marshal(forwardPayload{host, port, "127.0.0.1", 0})
	sshChannel, requests, err := c.client.OpenChannel("direct-tcpip", payload)
	if err != nil {
		return nil, openError(err)
	}
	return startChannel(ctx, c, sshChannel, requests, streamEndWait, nil)
}

// openError names why a channel was not opened.
func openError(err error) error {
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused) && refused.Reason == ssh.ConnectionFailed:
		return fault.New(fault.PortUnreachable, "the hub could not connect: %s", refused.Message)
	case errors.As(err, &refused):
		return fault.New(fault.AccessDenied, "the hub refused a channel: %w", err)
	case errors.Is(err, io.EOF):
		return fault.New(fault.ConnectionLost, "the SSH connection ended")
	default:
		return fault.New(fault.ConnectionLost, "open channel: %w", err)
	}
}
