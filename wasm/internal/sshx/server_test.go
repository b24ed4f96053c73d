package sshx

import (
	"context"
	"crypto/ed25519"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// testTimeout bounds what a test waits for; nothing here takes more than milliseconds.
const testTimeout = 10 * time.Second

// testServer is an SSH server over in-memory pipes whose channels run a Go function. tailscaled cannot be made to do
// on demand what these tests need: to die, to offer a wrong key, to send signals.
type testServer struct {
	t       *testing.T
	hostKey ssh.Signer
	handle  func(*testChannel)
	// authenticate answers the log-in; nil lets everyone in.
	authenticate func(ssh.ConnMetadata, *ssh.ServerPreAuthConn) error

	mu    sync.Mutex
	dials int
	users []string
	conns []net.Conn
}

// testChannel is one session: what was asked for, and the channel.
type testChannel struct {
	ssh.Channel
	command  string
	requests chan *ssh.Request // what came after the start
	before   []*ssh.Request    // what came before it
}

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func newTestServer(t *testing.T, handle func(*testChannel)) *testServer {
	s := &testServer{t: t, hostKey: newSigner(t), handle: handle}
	t.Cleanup(s.cutAll)
	return s
}

// pool returns a pool that trusts the server's key.
func (s *testServer) pool() *Pool {
	return s.poolTrusting([]ssh.PublicKey{s.hostKey.PublicKey()}, []string{line(s.hostKey)})
}

func (s *testServer) poolTrusting(registered []ssh.PublicKey, netmap []string) *Pool {
	return s.poolWith(HostKeys{Registered: registered, Netmap: func() []string { return netmap }})
}

func (s *testServer) poolWith(keys HostKeys) *Pool {
	p := NewPool(Config{
		Dial:     s.dial,
		HostKeys: keys,
		Timing:   Timing{KeepAliveEvery: time.Hour, KeepAliveTimeout: 50 * time.Millisecond},
	})
	s.t.Cleanup(func() { p.cancel(context.Canceled) })
	return p
}

func line(signer ssh.Signer) string { return HostKeyLine(signer.PublicKey()) }

// dial returns the client's end of a connection. It is TCP on loopback rather than net.Pipe where both sides write first.
func (s *testServer) dial(context.Context) (net.Conn, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	server, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.dials++
	s.conns = append(s.conns, server)
	s.mu.Unlock()
	go s.serve(server)
	return client, nil
}

func (s *testServer) cutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
}

func (s *testServer) dialCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dials
}

func (s *testServer) seenUsers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.users...)
}

func (s *testServer) forgetUsers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users = nil
}

func (s *testServer) serve(conn net.Conn) {
	var pre *ssh.ServerPreAuthConn
	config := &ssh.ServerConfig{
		NoClientAuth:        true,
		PreAuthConnCallback: func(c ssh.ServerPreAuthConn) { pre = &c },
		NoClientAuthCallback: func(meta ssh.ConnMetadata) (*ssh.Permissions, error) {
			s.mu.Lock()
			s.users = append(s.users, meta.User())
			s.mu.Unlock()
			if s.authenticate != nil {
				return nil, s.authenticate(meta, pre)
			}
			return nil, nil
		},
	}
	config.AddHostKey(s.hostKey)
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		conn.Close()
		return
	}
	go ssh.DiscardRequests(requests) // answers keepalives with a refusal, as tailscaled does
	for opening := range channels {
		channel, requests, err := opening.Accept()
		if err != nil {
			return
		}
		go s.run(channel, requests)
	}
}

func (s *testServer) run(channel ssh.Channel, requests <-chan *ssh.Request) {
	c := &testChannel{Channel: channel, requests: make(chan *ssh.Request, 16)}
	started := false
	for req := range requests {
		if req.WantReply {
			req.Reply(true, nil)
		}
		if started = req.Type == "exec" || req.Type == "shell"; started {
			var payload execPayload
			ssh.Unmarshal(req.Payload, &payload)
			c.command = payload.Command
			break
		}
		c.before = append(c.before, req)
	}
	if !started {
		return // it was opened ahead, and nobody came
	}
	go func() {
		for req := range requests {
			c.requests <- req
		}
	}()
	s.handle(c)
}

// exit ends the channel the way tailscaled does: status, then close.
func (c *testChannel) exit(code uint32) {
	c.CloseWrite()
	c.SendRequest("exit-status", false, ssh.Marshal(exitStatusPayload{code}))
	c.Close()
}

// gathered collects a channel's output.
type gathered struct {
	mu             sync.Mutex
	stdout, stderr []byte
	change         chan struct{}
}

func gather(ch *Channel) *gathered {
	g := &gathered{change: make(chan struct{}, 1)}
	ch.OnOutput(func(stream Stream, b []byte) {
		g.mu.Lock()
		if stream == Stdout {
			g.stdout = append(g.stdout, b...)
		} else {
			g.stderr = append(g.stderr, b...)
		}
		g.mu.Unlock()
		select {
		case g.change <- struct{}{}:
		default:
		}
	})
	return g
}

func (g *gathered) total() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.stdout) + len(g.stderr)
}

// awaitTotal waits until n bytes came.
func (g *gathered) awaitTotal(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(testTimeout)
	for g.total() < n {
		select {
		case <-g.change:
		case <-deadline:
			t.Fatalf("got %d bytes of output, expected %d", g.total(), n)
		}
	}
}

func command(text string) Request { return Request{Command: &text} }

func mustOpen(t *testing.T, p *Pool, user string, r Request) *Channel {
	t.Helper()
	ch, err := p.Open(user, r, testTimeout, Progress{})
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// waitEnd returns how ch ended.
func waitEnd(t *testing.T, ch *Channel) End {
	t.Helper()
	ended := make(chan End, 1)
	go func() { ended <- ch.Wait() }()
	select {
	case end := <-ended:
		return end
	case <-time.After(testTimeout):
		t.Fatal("the channel did not end")
		return End{}
	}
}

// echo sends the input back until it ends.
func echo(c *testChannel) {
	io.Copy(c, c)
	c.exit(0)
}
