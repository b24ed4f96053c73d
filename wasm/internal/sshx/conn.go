package sshx

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

// bannerWait bounds the log-in once the hub has sent a banner: a person may have to approve it elsewhere, and
// tailscaled gives up after 30 minutes (v1.102.5, ssh/tailssh, clientAuth).
const bannerWait = 30 * time.Minute

// ciphers, best first. x/crypto prefers AES-GCM, which has no hardware help in WebAssembly.
var ciphers = []string{ssh.CipherChaCha20Poly1305, ssh.CipherAES128GCM, ssh.CipherAES128CTR}

// conn is one SSH connection; its channels share it.
type conn struct {
	client   *ssh.Client
	netConn  net.Conn
	timing   Timing
	probeNow chan time.Duration // with the time to wait for an answer
	dead     chan struct{}      // closed when the connection is gone
	channels atomic.Int32

	ahead          chan session // of capacity one: opened before anybody asks, see open
	isOpeningAhead atomic.Bool
}

// dial connects and logs in as user within timeout. It reports to w as it goes.
func (p *Pool) dial(ctx context.Context, user string, timeout time.Duration, w *watchers) (*conn, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	deadline := time.AfterFunc(timeout, func() {
		cancel(fault.New(fault.HubUnreachable, "the hub did not answer within %v", timeout))
	})
	defer deadline.Stop()

	netConn, err := p.transport(ctx)
	if err != nil {
		return nil, firstCause(ctx, err)
	}
	w.reach(StepHubAnswers)
	stop := context.AfterFunc(ctx, func() { hangUp(netConn) })
	client, err := p.handshake(ctx, netConn, user, w, func() { deadline.Reset(bannerWait) })
	if !stop() && err == nil {
		client.Close() // the deadline struck just as the handshake ended, and has hung up
		err = context.Cause(ctx)
	}
	if err != nil {
		hangUp(netConn)
		return nil, firstCause(ctx, err)
	}
	w.reach(StepAuthenticated)
	c := &conn{
		client: client, netConn: netConn, timing: p.config.Timing, probeNow: make(chan time.Duration, 1), dead: make(chan struct{}),
		ahead: make(chan session, 1),
	}
	go func() {
		client.Wait()
		hangUp(netConn)
		close(c.dead)
	}()
	go c.keepAlive()
	return c, nil
}

// transport dials the hub, and begins anew when Probe is called: after each packet without an answer TCP waits longer until the
// next (RFC 6298, 5.5), and does not know that the network is back.
func (p *Pool) transport(ctx context.Context) (net.Conn, error) {
	for {
		p.mu.Lock()
		probed := p.probed
		p.mu.Unlock()
		attempt, giveUp := context.WithCancel(ctx)
		go func() {
			select {
			case <-probed:
			case <-attempt.Done():
			}
			giveUp()
		}()
		netConn, err := p.config.Dial(attempt)
		wasProbed := attempt.Err() != nil && ctx.Err() == nil
		giveUp()
		if err == nil || !wasProbed {
			return netConn, err
		}
	}
}

// handshake runs SSH on netConn. onBanner is called when a banner came, since a person may now have to act.
func (p *Pool) handshake(ctx context.Context, netConn net.Conn, user string, w *watchers, onBanner func()) (*ssh.Client, error) {
	check := newHostKeyCheck(p.config.HostKeys, &p.seen)
	var refusal error // of the host key
	var mu sync.Mutex
	var banners strings.Builder
	config := &ssh.ClientConfig{
		Config:            ssh.Config{Ciphers: ciphers},
		User:              user,
		HostKeyAlgorithms: check.algorithms(),
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if refusal = check.verify(key); refusal == nil {
				w.reach(StepHostKey)
			}
			return refusal
		},
		BannerCallback: func(text string) error {
			onBanner()
			mu.Lock()
			banners.WriteString(text)
			mu.Unlock()
			w.banner(text)
			return nil
		},
	}
	sshConn, chans, reqs, err := ssh.NewClientConn(netConn, "hub", config)
	if err == nil {
		return ssh.NewClient(sshConn, chans, reqs), nil
	}
	mu.Lock()
	defer mu.Unlock()
	switch {
	case refusal != nil:
		return nil, refusal
	case ctx.Err() == nil && isDenial(banners.String(), err):
		return nil, classifyDenial(user, banners.String(), err)
	default:
		return nil, fault.New(fault.HubUnreachable, "SSH handshake: %w", err)
	}
}

// firstCause returns why ctx ended, if it did (that is what broke the dial), else err with a code.
func firstCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	var named *fault.Error
	if errors.As(err, &named) {
		return named
	}
	return fault.New(fault.HubUnreachable, "dial: %w", err)
}

// hangUp closes a connection whose peer may be silent. The deadline comes first: it wakes a Read that Close alone
// leaves waiting in netstack.
func hangUp(c net.Conn) {
	c.SetDeadline(time.Unix(1, 0))
	c.Close()
}

// keepAlive asks the hub for a sign of life now and then, and hangs up when none comes.
func (c *conn) keepAlive() {
	ticker := time.NewTicker(c.timing.KeepAliveEvery)
	defer ticker.Stop()
	for {
		patience := c.timing.KeepAliveTimeout
		select {
		case <-c.dead:
			return
		case <-ticker.C:
		case patience = <-c.probeNow:
		}
		answered := make(chan error, 1)
		go func() {
			_, _, err := c.client.SendRequest("keepalive@openssh.com", true, nil)
			answered <- err
		}()
		if !c.awaitAnswer(answered, patience) {
			hangUp(c.netConn)
		}
	}
}

// awaitAnswer reports whether an answer comes in time. A probe meanwhile has the same question: its time holds from then.
func (c *conn) awaitAnswer(answered <-chan error, patience time.Duration) bool {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		select {
		case err := <-answered:
			return err == nil
		case <-timeout.C:
			return false
		case patience = <-c.probeNow:
			timeout.Reset(patience)
		}
	}
}

// probe asks for a sign of life at once and hangs up if none comes within timeout.
func (c *conn) probe(timeout time.Duration) {
	select {
	case c.probeNow <- timeout:
	default:
	}
}

func (c *conn) isDead() bool {
	select {
	case <-c.dead:
		return true
	default:
		return false
	}
}
