package sshx

import (
	"encoding/binary"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

// Size is a terminal's size: characters, and pixels (0 if unknown; programs that draw pictures want them).
type Size struct {
	Cols, Rows, WidthPx, HeightPx uint32
}

// PTY asks for a terminal on the hub.
type PTY struct {
	Size
	Term string
}

// Request is what a channel runs.
type Request struct {
	// Command, if non-nil, is run by the user's shell; if nil, the login shell itself runs.
	Command *string
	// PTY, if non-nil, is the terminal of the command; if nil, it gets pipes.
	PTY *PTY
	// Env holds variables that the hub's policy may drop silently.
	Env map[string]string
}

// Payloads of RFC 4254, sections 6.2, 6.4, 6.5 and 6.7. x/crypto/ssh has the same types unexported, and its Session
// cannot send pixel sizes.
type (
	ptyPayload struct {
		Term                          string
		Cols, Rows, WidthPx, HeightPx uint32
		Modes                         string
	}
	windowChangePayload struct{ Cols, Rows, WidthPx, HeightPx uint32 }
	envPayload          struct{ Name, Value string }
	execPayload         struct{ Command string }
	exitStatusPayload   struct{ Code uint32 }
	exitSignalPayload   struct {
		Signal, Error, Lang string
		CoreDumped          bool
	}
)

// Opcodes of RFC 4254 section 8; IUTF8 is RFC 8160.
const (
	modeEnd    = 0
	modeIUTF8  = 42
	modeISpeed = 128
	modeOSpeed = 129
	// baud is what OpenSSH sends for a pseudo-terminal; nothing paces by it, but 0 means "hang up" to some programs.
	baud = 38400
)

// encodeModes returns the terminal modes: UTF-8 aware line editing, and a speed.
func encodeModes() string {
	var modes []byte
	for _, mode := range []struct {
		opcode byte
		value  uint32
	}{{modeIUTF8, 1}, {modeISpeed, baud}, {modeOSpeed, baud}} {
		modes = append(modes, mode.opcode)
		modes = binary.BigEndian.AppendUint32(modes, mode.value)
	}
	return string(append(modes, modeEnd))
}

// start sends the requests that start what r describes. Environment and terminal come first, as servers require.
func (r Request) start(ch ssh.Channel) error {
	for name, value := range r.Env {
		// No reply is wanted: a variable that the policy drops is no reason to wait or to fail.
		if _, err := ch.SendRequest("env", false, ssh.Marshal(envPayload{name, value})); err != nil {
			return fault.New(fault.ConnectionLost, "send environment: %w", err)
		}
	}
	if r.PTY != nil {
		p := ptyPayload{r.PTY.Term, r.PTY.Cols, r.PTY.Rows, r.PTY.WidthPx, r.PTY.HeightPx, encodeModes()}
		// Its answer would cost a round trip and says nothing: tailscaled agrees always, and ends the command if its
		// operator forbids terminals (v1.102.5, TS_SSH_DISABLE_PTY).
		if _, err := ch.SendRequest("pty-req", false, ssh.Marshal(p)); err != nil {
			return fault.New(fault.ConnectionLost, "send pty-req: %w", err)
		}
	}
	if r.Command == nil {
		return ask(ch, "shell", nil)
	}
	return ask(ch, "exec", ssh.Marshal(execPayload{*r.Command}))
}

// ask sends a request and waits for its answer.
func ask(ch ssh.Channel, name string, payload []byte) error {
	ok, err := ch.SendRequest(name, true, payload)
	if err != nil {
		return fault.New(fault.ConnectionLost, "send %s: %w", name, err)
	}
	if !ok {
		return fault.New(fault.AccessDenied, "the hub refused %s", name)
	}
	return nil
}
