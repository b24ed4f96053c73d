package sshx

import (
	"context"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

// Stream tells standard output from standard error.
type Stream int

// The streams of a channel. With a PTY everything is Stdout.
const (
	Stdout Stream = iota
	Stderr
)

// chunkBytes is the most that is read from SSH at once: the packet size of x/crypto/ssh. With no credit, a channel
// holds one chunk per stream beside the SSH window of 2 MiB (64 packets), and the hub stops sending.
const chunkBytes = 32 << 10

// missingStatusWait is how long a channel that ended without an exit status waits to see whether its connection
// ended with it. x/crypto/ssh ends the channels first and says so a moment later, without blocking in between.
const missingStatusWait = time.Second

// streamEndWait is the same for a forwarded port, which always ends without a status: a page makes many of them.
const streamEndWait = 100 * time.Millisecond

// End says how a channel ended; see ChannelEnd in node.d.ts.
type End struct {
	Reason  string
	HasCode bool
	Code    int
	Signal  string
}

// Reasons of an End that are not error codes.
const (
	ReasonExited = "exited"
	ReasonClosed = "closed"
)

type exitStatus struct {
	hasCode bool
	code    int
	signal  string
}

func (e exitStatus) isKnown() bool { return e.hasCode || e.signal != "" }

// Channel is a running command or shell. None of its methods but Wait blocks.
type Channel struct {
	conn    *conn
	ssh     ssh.Channel
	endWait time.Duration // missingStatusWait or streamEndWait
	credit  *credit
	input   *inputQueue
	resizes chan Size // of capacity one: only the newest size counts

	deliverMu sync.Mutex // held while onOutput runs, so that nothing is delivered after the end
	onOutput  func(Stream, []byte)
	head      outputHead
	over      bool

	closeOnce sync.Once
	closing   chan struct{} // closed by Close
	ended     chan struct{} // closed when end is set
	end       End
}

// startChannel runs a fresh SSH channel, on which start, if non-nil, asks for what it is to do. When ctx ends, so does
// the channel, with ctx's cause.
func startChannel(
	ctx context.Context, c *conn, sshChannel ssh.Channel, requests <-chan *ssh.Request,
	endWait time.Duration, start func(ssh.Channel) error,
) (*Channel, error) {
	ch := &Channel{
		conn: c, ssh: sshChannel, endWait: endWait, credit: newCredit(), input: newInputQueue(sshChannel), resizes: make(chan Size, 1),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	exit := make(chan exitStatus, 1)
	go func() { exit <- serveRequests(requests) }()
	if start != nil {
		if err := start(sshChannel); err != nil {
			sshChannel.Close()
			return nil, err
		}
	}
	c.channels.Add(1)
	var pumps sync.WaitGroup
	pumps.Go(func() {
		ch.pump(Stdout, sshChannel)
		if start == nil {
			ch.CloseWrite(func(error) {}) // the hub keeps a forwarded port open until both sides have ended
		}
	})
	pumps.Go(func() { ch.pump(Stderr, sshChannel.Stderr()) })
	go ch.sendResizes()
	go ch.input.run()
	go ch.awaitEnd(ctx, exit, &pumps)
	return ch, nil
}

// serveRequests answers the hub's requests until the channel is closed, and returns what they said about the exit.
// They must be served or the whole connection stops.
func serveRequests(requests <-chan *ssh.Request) exitStatus {
	var exit exitStatus
	for req := range requests {
		known := false
		switch req.Type {
		case "exit-status":
			var payload exitStatusPayload
			if known = ssh.Unmarshal(req.Payload, &payload) == nil; known {
				exit.hasCode, exit.code = true, int(payload.Code)
			}
		case "exit-signal":
			var payload exitSignalPayload
			if known = ssh.Unmarshal(req.Payload, &payload) == nil; known {
				exit.signal = payload.Signal
			}
		}
		if req.WantReply {
			req.Reply(known, nil)
		}
	}
	return exit
}

// pump moves one stream to onOutput as far as credit goes.
func (ch *Channel) pump(stream Stream, from io.Reader) {
	buffer := make([]byte, chunkBytes)
	for {
		n, err := from.Read(buffer)
		for rest := buffer[:n]; len(rest) > 0; {
			allowed := ch.credit.take(len(rest))
			if allowed == 0 {
				return
			}
			ch.deliver(stream, rest[:allowed])
			rest = rest[allowed:]
		}
		if err != nil {
			return
		}
	}
}

func (ch *Channel) deliver(stream Stream, b []byte) {
	ch.deliverMu.Lock()
	defer ch.deliverMu.Unlock()
	if ch.over {
		return
	}
	ch.head.note(b)
	if ch.onOutput != nil {
		ch.onOutput(stream, b)
	}
}

// awaitEnd waits for whatever ends the channel first, and settles how it ended.
func (ch *Channel) awaitEnd(ctx context.Context, exitCh <-chan exitStatus, pumps *sync.WaitGroup) {
	drained := make(chan struct{})
	go func() { pumps.Wait(); close(drained) }()
	end := ch.firstEnd(ctx, exitCh, drained)
	ch.credit.abort()
	ch.input.close(end)
	go ch.ssh.Close() // may wait for a connection that is stuck
	ch.deliverMu.Lock()
	ch.over = true
	ch.deliverMu.Unlock()
	ch.conn.channels.Add(-1)
	ch.end = end
	close(ch.ended)
}

func (ch *Channel) firstEnd(ctx context.Context, exitCh <-chan exitStatus, drained <-chan struct{}) End {
	var exit exitStatus
	select {
	case exit = <-exitCh:
	case <-ch.closing:
		return End{Reason: ReasonClosed}
	case <-ctx.Done():
		return End{Reason: string(fault.CodeOf(context.Cause(ctx)))}
	}
	if !exit.isKnown() && ch.diedWithConnection(ctx) {
		if cause := context.Cause(ctx); cause != nil {
			return End{Reason: string(fault.CodeOf(cause))}
		}
		return End{Reason: string(fault.ConnectionLost)} // what has no credit yet is dropped with the connection
	}
	// The command is over: even a connection that dies now takes nothing away, the rest is in our buffers.
	select {
	case <-drained:
	case <-ch.closing:
		return End{Reason: ReasonClosed}
	case <-ctx.Done():
		return End{Reason: string(fault.CodeOf(context.Cause(ctx)))}
	}
	ch.deliverMu.Lock()
	defer ch.deliverMu.Unlock()
	end := End{Reason: ReasonExited, HasCode: exit.hasCode, Code: exit.code, Signal: exit.signal}
	if ch.head.saysCannotSwitchUser(exit) {
		end.Reason = string(fault.UnknownUser)
	}
	return end
}

func (ch *Channel) diedWithConnection(ctx context.Context) bool {
	timer := time.NewTimer(ch.endWait)
	defer timer.Stop()
	select {
	case <-ch.conn.dead:
		return true
	case <-ctx.Done():
		return true
	case <-timer.C:
		return false
	}
}

// OnOutput sets who receives output: before the first Grant. The bytes are valid only during the call.
func (ch *Channel) OnOutput(receive func(Stream, []byte)) {
	ch.deliverMu.Lock()
	defer ch.deliverMu.Unlock()
	ch.onOutput = receive
}

// Grant allows so many more bytes of output, both streams together. It starts at zero.
func (ch *Channel) Grant(bytes int64) { ch.credit.grant(bytes) }

// Write queues b behind what was written before and calls done when the SSH window took all of it, or with the error.
// The channel keeps b.
func (ch *Channel) Write(b []byte, done func(error)) { ch.input.add(b, false, done) }

// CloseWrite ends the input behind what was written before; output goes on.
func (ch *Channel) CloseWrite(done func(error)) { ch.input.add(nil, true, done) }

// Resize tells the hub the terminal's new size. If several come at once, the last one counts.
func (ch *Channel) Resize(size Size) {
	for {
		select {
		case ch.resizes <- size:
			return
		default:
		}
		select {
		case <-ch.resizes:
		default:
		}
	}
}

func (ch *Channel) sendResizes() {
	for {
		select {
		case s := <-ch.resizes:
			ch.ssh.SendRequest("window-change", false, ssh.Marshal(windowChangePayload{s.Cols, s.Rows, s.WidthPx, s.HeightPx}))
		case <-ch.ended:
			return
		}
	}
}

// Close ends the channel; the hub hangs up on the command.
func (ch *Channel) Close() { ch.closeOnce.Do(func() { close(ch.closing) }) }

// Wait returns how the channel ended, after the last byte of output was delivered.
func (ch *Channel) Wait() End {
	<-ch.ended
	return ch.end
}
