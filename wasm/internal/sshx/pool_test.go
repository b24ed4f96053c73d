package sshx

import (
	"context"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

func TestChannelsOfOneUserShareOneConnection(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	for _, user := range []string{"dev", "dev", "ops"} {
		mustOpen(t, pool, user, command("x"))
	}
	if got := server.dialCount(); got != 2 {
		t.Errorf("dialled %d times, want once per user", got)
	}
	if connections, channels := pool.Stats(); connections != 2 || channels != 3 {
		t.Errorf("stats say %d connections and %d channels", connections, channels)
	}
}

func TestOpensAtTheSameTimeDialOnce(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	errs := make(chan error, 8)
	for range 8 {
		go func() {
			_, err := pool.Open("dev", command("x"), testTimeout, Progress{})
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if got := server.dialCount(); got != 1 {
		t.Errorf("dialled %d times", got)
	}
}

func TestTheSessionOpenedAheadIsTheNextOneUnlessItEnded(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	conn := mustOpen(t, pool, "dev", command("x")).conn
	ahead := func() session {
		t.Helper()
		select {
		case s := <-conn.ahead:
			return s
		case <-time.After(testTimeout):
			t.Fatal("no session was opened ahead")
			return session{}
		}
	}
	next := ahead()
	conn.ahead <- next
	if ch := mustOpen(t, pool, "dev", command("x")); ch.ssh != next.channel {
		t.Error("the session opened ahead was not used")
	}
	next = ahead()
	next.channel.Close()
	<-next.requests // closed once the hub has agreed
	conn.ahead <- next
	if ch := mustOpen(t, pool, "dev", command("x")); ch.ssh == next.channel {
		t.Error("a session that had ended was used")
	}
}

func TestStepsAreToldInOrderAlsoToLatecomers(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	want := []Step{StepHubAnswers, StepHostKey, StepAuthenticated}
	for range 2 {
		var got []Step
		if _, err := pool.Open("dev", command("x"), testTimeout, Progress{OnStep: func(s Step) { got = append(got, s) }}); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v", got)
		}
	}
}

func TestALostConnectionEndsItsChannelsAndTheNextOpenDialsAgain(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	first, second := mustOpen(t, pool, "dev", command("x")), mustOpen(t, pool, "dev", command("x"))
	server.cutAll()
	for _, ch := range []*Channel{first, second} {
		if end := waitEnd(t, ch); end != (End{Reason: string(fault.ConnectionLost)}) {
			t.Errorf("got %+v", end)
		}
	}
	result := make(chan error, 1)
	first.Write([]byte("late"), func(err error) { result <- err })
	if code := fault.CodeOf(<-result); code != fault.ConnectionLost {
		t.Errorf("late write: %q", code)
	}
	mustOpen(t, pool, "dev", command("x"))
	if got := server.dialCount(); got != 2 {
		t.Errorf("dialled %d times", got)
	}
}

func TestASilentHubIsHungUpOn(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	pool.config.Dial = func(ctx context.Context) (net.Conn, error) {
		c, err := server.dial(ctx)
		return &freezable{Conn: c, frozen: make(chan struct{})}, err
	}
	ch := mustOpen(t, pool, "dev", command("x"))
	close(ch.conn.netConn.(*freezable).frozen)
	pool.Probe(0)
	if end := waitEnd(t, ch); end.Reason != string(fault.ConnectionLost) {
		t.Errorf("got %+v", end)
	}
}

func TestAProbeDialsAnewWhatIsBeingDialled(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	waiting := make(chan struct{})
	pool.config.Dial = func(ctx context.Context) (net.Conn, error) {
		pool.config.Dial = server.dial // only the first one goes nowhere
		close(waiting)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	go func() {
		<-waiting
		pool.Probe(0)
	}()
	mustOpen(t, pool, "dev", command("x"))
}

func TestAProbeShortensAWaitThatIsUnderWay(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	pool.config.Dial = func(ctx context.Context) (net.Conn, error) {
		c, err := server.dial(ctx)
		return &freezable{Conn: c, frozen: make(chan struct{})}, err
	}
	ch := mustOpen(t, pool, "dev", command("x"))
	close(ch.conn.netConn.(*freezable).frozen)
	pool.Probe(time.Hour)
	for len(ch.conn.probeNow) > 0 { // until the wait has begun
		time.Sleep(time.Millisecond)
	}
	pool.Probe(0)
	if end := waitEnd(t, ch); end.Reason != string(fault.ConnectionLost) {
		t.Errorf("got %+v", end)
	}
}

// freezable drops what is written once frozen: a peer behind a network that is gone.
type freezable struct {
	net.Conn
	frozen chan struct{}
}

func (f *freezable) Write(b []byte) (int, error) {
	select {
	case <-f.frozen:
		return len(b), nil
	default:
		return f.Conn.Write(b)
	}
}

func TestAHubThatSaysNothingIsUnreachable(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	var far net.Conn
	pool.config.Dial = func(context.Context) (net.Conn, error) {
		near, other := net.Pipe()
		far = other
		go func() {
			b := make([]byte, 1024)
			for {
				if _, err := other.Read(b); err != nil {
					return
				}
			}
		}()
		return near, nil
	}
	_, err := pool.Open("dev", command("x"), 100*time.Millisecond, Progress{})
	if code := fault.CodeOf(err); code != fault.HubUnreachable {
		t.Errorf("handshake: %v", err)
	}
	far.Close()
	pool.config.Dial = func(ctx context.Context) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	_, err = pool.Open("dev", command("x"), 100*time.Millisecond, Progress{})
	if code := fault.CodeOf(err); code != fault.HubUnreachable {
		t.Errorf("dial: %v", err)
	}
}

func TestDenialsAreNamedByTheirBanner(t *testing.T) {
	server := newTestServer(t, echo)
	var banner string
	server.authenticate = func(_ ssh.ConnMetadata, pre *ssh.ServerPreAuthConn) error {
		if banner != "" {
			(*pre).SendAuthBanner(banner)
		}
		return &ssh.PartialSuccessError{}
	}
	for _, c := range []struct {
		user, banner string
		want         fault.Code
	}{
		{"nobody", "tailscale: failed to look up local user \"nobody\" \n", fault.UnknownUser},
		{"nobody", "tailscale: tailnet policy does not permit you to SSH as user \"nobody\"\n", fault.UnknownUser},
		{"root", "tailscale: tailnet policy does not permit you to SSH as user \"root\"\n", fault.AccessDenied},
		{"dev", "tailscale: tailnet policy does not permit you to SSH to this node\n", fault.AccessDenied},
		{"dev", "tailscale: access denied", fault.AccessDenied},
	} {
		banner = c.banner
		var seen string
		_, err := server.pool().Open(c.user, command("x"), testTimeout, Progress{OnBanner: func(text string) { seen += text }})
		if fault.CodeOf(err) != c.want || seen != c.banner {
			t.Errorf("%q: got %v and banner %q, want %s", c.banner, err, seen, c.want)
		}
		if !strings.Contains(err.Error(), strings.TrimSpace(c.banner)) {
			t.Errorf("the message %q hides the hub's words", err)
		}
	}
}

func TestABannerStopsTheClock(t *testing.T) {
	server := newTestServer(t, echo)
	approved := make(chan struct{})
	server.authenticate = func(_ ssh.ConnMetadata, pre *ssh.ServerPreAuthConn) error {
		(*pre).SendAuthBanner("approve at https://example.test\n")
		<-approved
		return nil
	}
	const timeout = 300 * time.Millisecond
	progress := Progress{OnBanner: func(string) { time.AfterFunc(2*timeout, func() { close(approved) }) }}
	if _, err := server.pool().Open("dev", command("x"), timeout, progress); err != nil {
		t.Error(err)
	}
}

func TestAPanicInOneCallLeavesTheOthersGoing(t *testing.T) {
	server := newTestServer(t, echo)
	pool := server.pool()
	open := mustOpen(t, pool, "dev", command("x"))
	output := gather(open)
	dial := pool.config.Dial
	pool.config.Dial = func(context.Context) (net.Conn, error) { panic("injected") }
	if _, err := pool.Open("ops", command("x"), testTimeout, Progress{}); fault.CodeOf(err) != fault.Internal {
		t.Errorf("dial: %v", err)
	}
	pool.config.Dial = dial
	explode := func(*conn) (*Channel, error) { panic("injected") }
	if _, err := pool.use("dev", testTimeout, Progress{}, explode); fault.CodeOf(err) != fault.Internal {
		t.Errorf("open: %v", err)
	}
	mustOpen(t, pool, "ops", command("x"))
	open.Grant(5)
	open.Write([]byte("alive"), func(error) {})
	output.awaitTotal(t, 5)
}
