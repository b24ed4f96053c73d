package sshx

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

func TestExitCodeSignalAndSilenceAreKeptApart(t *testing.T) {
	server := newTestServer(t, func(c *testChannel) {
		switch c.command {
		case "code":
			c.exit(42)
		case "signal":
			c.SendRequest("exit-signal", false, ssh.Marshal(exitSignalPayload{Signal: "TERM"}))
			c.Close()
		case "silence":
			c.Close()
		}
	})
	pool := server.pool()
	for name, want := range map[string]End{
		"code":    {Reason: ReasonExited, HasCode: true, Code: 42},
		"signal":  {Reason: ReasonExited, Signal: "TERM"},
		"silence": {Reason: ReasonExited},
	} {
		if got := waitEnd(t, mustOpen(t, pool, "dev", command(name))); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func TestBytesArriveUnchangedThoughCharactersAreSplit(t *testing.T) {
	text := []byte("é€😀\x00\xff\r\n")
	server := newTestServer(t, func(c *testChannel) {
		for _, b := range text {
			c.Write([]byte{b})
			c.Stderr().Write([]byte{b})
		}
		c.exit(0)
	})
	ch := mustOpen(t, server.pool(), "dev", command("x"))
	output := gather(ch)
	ch.Grant(3) // stops within a character
	output.awaitTotal(t, 3)
	ch.Grant(1 << 20)
	waitEnd(t, ch)
	if !bytes.Equal(output.stdout, text) || !bytes.Equal(output.stderr, text) {
		t.Errorf("got %q and %q, want %q", output.stdout, output.stderr, text)
	}
}

func TestNothingIsDeliveredWithoutCreditAndTheHubStopsSending(t *testing.T) {
	const flood = 8 << 20
	var sent atomic.Int64
	stalled := make(chan struct{})
	var once sync.Once // a slow machine may stall again
	server := newTestServer(t, func(c *testChannel) {
		chunk := make([]byte, 32<<10)
		for sent.Load() < flood {
			timer := time.AfterFunc(200*time.Millisecond, func() { once.Do(func() { close(stalled) }) })
			n, err := c.Write(chunk)
			timer.Stop()
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
		c.exit(0)
	})
	ch := mustOpen(t, server.pool(), "dev", command("flood"))
	output := gather(ch)
	ch.Grant(1000)
	select {
	case <-stalled:
	case <-time.After(testTimeout):
		t.Fatal("the hub never stopped sending")
	}
	if got := output.total(); got != 1000 {
		t.Errorf("delivered %d bytes, granted 1000", got)
	}
	// The SSH window, and one chunk that was read but not delivered; a chunk of the server's may be under way.
	if bound := int64(64*chunkBytes + 2*chunkBytes); sent.Load() > bound {
		t.Errorf("the hub sent %d bytes, more than the bound of %d", sent.Load(), bound)
	}
	ch.Grant(2 * flood)
	output.awaitTotal(t, flood)
	if end := waitEnd(t, ch); end.Reason != ReasonExited {
		t.Errorf("ended with %+v", end)
	}
}

func TestBothStreamsShareOneCredit(t *testing.T) {
	server := newTestServer(t, func(c *testChannel) {
		c.Write(make([]byte, 600))
		c.Stderr().Write(make([]byte, 600))
		c.exit(0)
	})
	ch := mustOpen(t, server.pool(), "dev", command("x"))
	output := gather(ch)
	ch.Grant(1000)
	output.awaitTotal(t, 1000)
	ch.Close()
	if end := waitEnd(t, ch); end.Reason != ReasonClosed || output.total() != 1000 {
		t.Errorf("ended with %+v after %d bytes, granted 1000", end, output.total())
	}
}

func TestWritesKeepTheirOrderAndWaitForTheWindow(t *testing.T) {
	release := make(chan struct{})
	server := newTestServer(t, func(c *testChannel) {
		<-release
		echo(c)
	})
	ch := mustOpen(t, server.pool(), "dev", command("x"))
	output := gather(ch)
	ch.Grant(1 << 30)
	results := make(chan error, 100)
	var want []byte
	for i := range 96 { // 3 MiB: more than the window of 2 MiB
		chunk := bytes.Repeat([]byte{byte(i)}, 32<<10)
		want = append(want, chunk...)
		ch.Write(chunk, func(err error) { results <- err })
	}
	for range 64 {
		if err := <-results; err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-results:
		t.Error("a write beyond the window was accepted")
	default:
	}
	close(release)
	for range 32 {
		if err := <-results; err != nil {
			t.Fatal(err)
		}
	}
	ch.CloseWrite(func(err error) { results <- err })
	if err := <-results; err != nil {
		t.Fatal(err)
	}
	waitEnd(t, ch)
	if !bytes.Equal(output.stdout, want) {
		t.Error("the echo differs from what was written")
	}
}

func TestTooMuchWaitingInputIsRefused(t *testing.T) {
	server := newTestServer(t, func(c *testChannel) { <-c.requests })
	ch := mustOpen(t, server.pool(), "dev", command("x"))
	ch.Write(make([]byte, maxQueuedBytes), func(error) {})
	result := make(chan error, 1)
	ch.Write([]byte{1}, func(err error) { result <- err })
	if code := fault.CodeOf(<-result); code != fault.BadArgument {
		t.Errorf("got %q", code)
	}
}

func TestTerminalRequestsCarryModesPixelsAndEnvironment(t *testing.T) {
	started := make(chan *testChannel, 1)
	server := newTestServer(t, func(c *testChannel) { started <- c })
	request := Request{
		PTY: &PTY{Term: "xterm-256color", Size: Size{80, 24, 640, 480}},
		Env: map[string]string{"LANG": "C.UTF-8"},
	}
	ch := mustOpen(t, server.pool(), "dev", request)
	c := <-started
	// By hand from RFC 4254 section 6.2 and RFC 8160.
	wantPTY := "\x00\x00\x00\x0exterm-256color\x00\x00\x00\x50\x00\x00\x00\x18\x00\x00\x02\x80\x00\x00\x01\xe0" +
		"\x00\x00\x00\x10\x2a\x00\x00\x00\x01\x80\x00\x00\x96\x00\x81\x00\x00\x96\x00\x00"
	wantEnv := "\x00\x00\x00\x04LANG\x00\x00\x00\x07C.UTF-8"
	if len(c.before) != 2 || c.before[0].Type != "env" || c.before[1].Type != "pty-req" {
		t.Fatalf("got requests %v", c.before)
	}
	if got := string(c.before[0].Payload); got != wantEnv {
		t.Errorf("env: got %q", got)
	}
	if got := string(c.before[1].Payload); got != wantPTY {
		t.Errorf("pty-req: got %q, want %q", got, wantPTY)
	}
	ch.Resize(Size{171, 55, 1, 2})
	change := <-c.requests
	if got, want := string(change.Payload), "\x00\x00\x00\xab\x00\x00\x00\x37\x00\x00\x00\x01\x00\x00\x00\x02"; change.Type != "window-change" || got != want {
		t.Errorf("window-change: got %s %q", change.Type, got)
	}
}

func TestCannotSwitchUserBecomesUnknownUser(t *testing.T) {
	server := newTestServer(t, func(c *testChannel) {
		io.WriteString(c, c.command)
		c.exit(1)
	})
	for output, want := range map[string]string{
		"can't switch user\r\n":       string(fault.UnknownUser),
		"can't switch user\r\nreally": ReasonExited,
		"can't switch us":             ReasonExited,
	} {
		ch := mustOpen(t, server.pool(), "dev", command(output))
		gather(ch)
		ch.Grant(1000)
		if end := waitEnd(t, ch); end.Reason != want || end.Code != 1 {
			t.Errorf("%q: got %+v, want %s", output, end, want)
		}
	}
}

func TestOutputThatWaitsForCreditSurvivesTheConnection(t *testing.T) {
	exited := make(chan struct{})
	server := newTestServer(t, func(c *testChannel) {
		io.WriteString(c, "all of it")
		c.exit(0)
		close(exited)
	})
	ch := mustOpen(t, server.pool(), "dev", command("x"))
	output := gather(ch)
	ch.Grant(1)
	output.awaitTotal(t, 1)
	<-exited
	// Its answer comes behind the exit status, which therefore has arrived.
	if _, _, err := ch.conn.client.SendRequest("keepalive@openssh.com", true, nil); err != nil {
		t.Fatal(err)
	}
	server.cutAll()
	<-ch.conn.dead
	ch.Grant(100)
	if end := waitEnd(t, ch); end.Reason != ReasonExited || string(output.stdout) != "all of it" {
		t.Errorf("got %+v and %q", end, output.stdout)
	}
}

func TestLeavingEndsChannelsAndCalls(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	ch := mustOpen(t, pool, "dev", command("x"))
	pool.Close(fault.New(fault.Left, "the unit was left"))
	if end := waitEnd(t, ch); end.Reason != string(fault.Left) {
		t.Errorf("channel ended with %+v", end)
	}
	if _, err := pool.Open("dev", command("x"), testTimeout, Progress{}); fault.CodeOf(err) != fault.Left {
		t.Errorf("open after leaving: %v", err)
	}
	if context.Cause(pool.ctx) == nil {
		t.Error("the pool is still open")
	}
}
