// Package fault is the one error type of this module. Its codes are those of TailnetErrorCode in node.d.ts: the cause
// picks the remedy, so every failure that leaves a package carries one.
package fault

import (
	"errors"
	"fmt"
)

// Code is a TailnetErrorCode of node.d.ts.
type Code string

// The codes, in the order of node.d.ts, which says what each means.
const (
	BadArgument        Code = "bad-argument"
	KeyRefused         Code = "key-refused"
	ControlUnreachable Code = "control-unreachable"
	VersionTooOld      Code = "version-too-old"
	ClockWrong         Code = "clock-wrong"
	NodeDeleted        Code = "node-deleted"
	HubNotFound        Code = "hub-not-found"
	HubOffline         Code = "hub-offline"
	HubUnreachable     Code = "hub-unreachable"
	HostKeyMismatch    Code = "host-key-mismatch"
	HostKeyUnlisted    Code = "host-key-unlisted"
	HostKeyChanged     Code = "host-key-changed"
	HostKeyAbsent      Code = "host-key-absent"
	PortUnreachable    Code = "port-unreachable"
	UnknownUser        Code = "unknown-user"
	AccessDenied       Code = "access-denied"
	ConnectionLost     Code = "connection-lost"
	Left               Code = "left"
	Internal           Code = "internal"
)

// Error is a failure with its code.
type Error struct {
	Code    Code
	Message string
	// HostKey, for the four codes about host keys, is what a person needs to judge the key; else nil.
	HostKey *HostKey
	// Cause is what went wrong below, or nil.
	Cause error
}

// HostKey compares the key that a hub presented with what is known, as fingerprints; it is HostKeyReport of
// protocol/tailnet-error.ts.
type HostKey struct {
	Offered, Type      string
	Registered, Netmap []string
	Seen               string // empty if none was
	Against            []string
}

// Whose word may be against a host key, or missing.
const (
	ByServer = "registered"
	ByNetmap = "netmap"
	BySeen   = "seen"
)

// New returns an Error whose message is formatted; a %w argument becomes its cause.
func New(code Code, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: wrapped.Error(), Cause: errors.Unwrap(wrapped)}
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Cause }

// From returns the first Error in err's chain, or err as Internal: whatever nobody named is a bug of ours.
func From(err error) *Error {
	var named *Error
	if errors.As(err, &named) {
		return named
	}
	return &Error{Code: Internal, Message: err.Error(), Cause: err}
}

// CodeOf returns the code of err, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return From(err).Code
}
