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

// open starts r on a fresh channel.
func (c *conn) open(ctx context.Context, r Request) (*Channel, error) {
	sshChannel, requests, err := c.client.OpenChannel("session", nil)
	if err != nil {
		return nil, openError(err)
	}
	return startChannel(ctx, c, sshChannel, requests, missingStatusWait, r.start)
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
