package node

import (
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/sshx"
)

// testTiming is short where a test waits for a failure.
var testTiming = Timing{Join: 15 * time.Second, Ping: 5 * time.Second}

const openTimeout = 15 * time.Second

func join(t *testing.T, cfg Config) *Unit {
	t.Helper()
	unit, err := Join(t.Logf, cfg, testTiming)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unit.Stop() })
	return unit
}

// run runs a command on the hub and returns its output and end.
func run(t *testing.T, unit *Unit, user, command string) (string, sshx.End) {
	t.Helper()
	ch, err := unit.Open(user, sshx.Request{Command: &command}, openTimeout, sshx.Progress{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var output strings.Builder
	ch.OnOutput(func(_ sshx.Stream, b []byte) {
		mu.Lock()
		defer mu.Unlock()
		output.Write(b)
	})
	ch.Grant(1 << 20)
	end := ch.Wait()
	mu.Lock()
	defer mu.Unlock()
	return output.String(), end
}

// TestUnitAgainstRealHeadscale is one story, since its stack takes seconds to start: each part leaves the stack as the
// next one expects it.
func TestUnitAgainstRealHeadscale(t *testing.T) {
	s := startStack(t)
	user := s.sshUser.Username
	key := s.authKey(true, time.Hour)
	first := join(t, s.config(key))
	exited := func(code int) sshx.End { return sshx.End{Reason: sshx.ReasonExited, HasCode: true, Code: code} }

	t.Run("a command runs on the hub", func(t *testing.T) {
		if out, end := run(t, first, user, "printf 'h\\303\\251'; exit 3"); out != "hé" || end != exited(3) {
			t.Errorf("got %q, %+v", out, end)
		}
		if _, end := run(t, first, user, "kill -TERM $$"); end.Reason != sshx.ReasonExited || end == exited(0) {
			t.Errorf("a killed command ended with %+v", end)
		}
	})
	t.Run("the hub is the only peer", func(t *testing.T) {
		peers := first.Peers()
		if len(peers) != 1 || !peers[0].IsHub || !peers[0].Online || peers[0].Name != "hub0" || peers[0].NodeKey != s.hub.nodeKey {
			t.Errorf("got %+v", peers)
		}
	})
	t.Run("the hub answers pings through the relay's region", func(t *testing.T) {
		if rtt, via, err := first.Ping(); err != nil || via != "hs" || rtt <= 0 {
			t.Errorf("got %v via %q, %v", rtt, via, err)
		}
		if stats := first.Stats(); stats.Ping == nil || stats.Relay != "hs" || stats.ClockAhead.Abs() > time.Minute {
			t.Errorf("stats: %+v", stats)
		}
		first.Kick()
	})
	t.Run("a port of the hub is reached", func(t *testing.T) { checkForwarding(t, first, user) })
	t.Run("nobody who stops reading makes us grow", func(t *testing.T) { checkFlowControl(t, first, user) })
	t.Run("users that the hub lacks or may not become", func(t *testing.T) {
		for name, want := range map[string]fault.Code{"nosuchuser": fault.UnknownUser, "root": fault.AccessDenied} {
			_, err := first.Open(name, sshx.Request{}, openTimeout, sshx.Progress{})
			if fault.CodeOf(err) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if out, end := run(t, first, "daemon", "id"); end.Reason != string(fault.UnknownUser) {
			t.Errorf("daemon: got %q, %+v", out, end)
		}
	})
	t.Run("keys that Headscale refuses", func(t *testing.T) {
		for name, refused := range map[string]string{
			"used before": key, "unknown": "hskey-auth-abcdefghijkl-" + strings.Repeat("a", 64), "expired": s.authKey(true, -time.Second),
		} {
			started := time.Now()
			_, err := Join(t.Logf, s.config(refused), testTiming)
			if fault.CodeOf(err) != fault.KeyRefused || !strings.Contains(err.Error(), "the key is "+name) &&
				!strings.Contains(err.Error(), "the key was "+name) && !strings.Contains(err.Error(), "the key has "+name) || time.Since(started) > testTiming.Join/2 {
				t.Errorf("%s: %v after %v", name, err, time.Since(started))
			}
		}
	})
	t.Run("a control server that does not answer", func(t *testing.T) {
		silent, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		cfg := s.config("key")
		cfg.ControlURL = "http://" + silent.Addr().String()
		_, err = Join(t.Logf, cfg, Timing{Join: time.Second})
		if fault.CodeOf(err) != fault.ControlUnreachable {
			t.Errorf("got %v", err)
		}
	})

	var state []byte
	t.Run("a stopped unit resumes as the same node, without spending the key", func(t *testing.T) {
		state = slices.Clone(first.backend.store.exported.Get())
		self := first.Self()
		if err := first.Stop(); err != nil {
			t.Fatal(err)
		}
		if _, err := first.Open(user, sshx.Request{}, openTimeout, sshx.Progress{}); fault.CodeOf(err) != fault.Left {
			t.Errorf("open after stop: %v", err)
		}
		fresh := s.authKey(true, time.Hour)
		cfg := s.config(fresh)
		cfg.State = state
		resumed := join(t, cfg)
		if !reflect.DeepEqual(resumed.Self(), self) {
			t.Errorf("was %+v, is %+v", self, resumed.Self())
		}
		if out, _ := run(t, resumed, user, "echo back"); out != "back\n" {
			t.Errorf("got %q", out)
		}
		if err := resumed.Leave(); err != nil {
			t.Errorf("leave: %v", err)
		}
		if err := resumed.Leave(); err != nil {
			t.Errorf("second leave: %v", err)
		}
		if names := s.nodeNames(); !reflect.DeepEqual(names, []string{"hub0"}) {
			t.Errorf("after leaving there are %v", names)
		}
		cfg.AuthKey = ""
		if _, err := Join(t.Logf, cfg, testTiming); fault.CodeOf(err) != fault.NodeDeleted {
			t.Errorf("resume of a deleted node: %v", err)
		}
		cfg.AuthKey = fresh
		again := join(t, cfg)
		if again.Self().NodeKey == self.NodeKey {
			t.Error("the deleted node's key was used again")
		}
		again.Leave()
	})
	t.Run("only the registered node is spoken to", func(t *testing.T) {
		cfg := s.config(s.authKey(true, time.Hour))
		cfg.HubNodeKey = exampleNodeKey
		unit := join(t, cfg)
		if _, err := unit.Open(user, sshx.Request{}, openTimeout, sshx.Progress{}); fault.CodeOf(err) != fault.HubNotFound {
			t.Errorf("wrong node key: %v", err)
		}
		unit.Leave()
	})
	t.Run("a hub with another host key learns nothing of us", func(t *testing.T) { checkOtherHostKey(t, s) })
	t.Run("a deleted node notices when its map poll breaks", func(t *testing.T) {
		proxy := startProxy(t, strings.TrimPrefix(s.url, "http://"))
		cfg := s.config(s.authKey(true, time.Hour))
		cfg.ControlURL = proxy.url
		unit := join(t, cfg)
		s.api("DELETE", "/node/"+unit.Self().NodeID, nil)
		proxy.cut()
		waitFor(t, "state failed", func() bool { return unit.State().Kind == KindFailed })
		if state := unit.State(); state.Code != fault.NodeDeleted {
			t.Errorf("got %+v", state)
		}
		if _, err := unit.Open(user, sshx.Request{}, openTimeout, sshx.Progress{}); fault.CodeOf(err) != fault.NodeDeleted {
			t.Errorf("open: %v", err)
		}
		if err := unit.Leave(); err != nil {
			t.Errorf("leave: %v", err)
		}
	})
	t.Run("a broken control connection is reported and heals", func(t *testing.T) {
		proxy := startProxy(t, strings.TrimPrefix(s.url, "http://"))
		cfg := s.config(s.authKey(true, time.Hour))
		cfg.ControlURL = proxy.url
		unit := join(t, cfg)
		proxy.refuse(true)
		proxy.cut()
		waitFor(t, "state reconnecting", func() bool { return unit.State().Kind == KindReconnecting })
		proxy.refuse(false)
		waitFor(t, "state running", func() bool { return unit.State().Kind == KindRunning })

		proxy.refuse(true)
		proxy.cut()
		time.Sleep(6 * time.Second) // by then Tailscale waits about a second and a half between tries
		proxy.refuse(false)
		started := time.Now()
		unit.Kick()
		waitFor(t, "state running after a kick", func() bool { return unit.State().Kind == KindRunning })
		if took := time.Since(started); controlClient(unit.backend.lb) == nil || took > 10*time.Second {
			t.Errorf("control was not redialled soon but after %v", took)
		}
		unit.Leave()
	})
	t.Run("an offline hub is known at once", func(t *testing.T) {
		unit := join(t, s.config(s.authKey(true, time.Hour)))
		s.hub.cmd.Process.Signal(syscall.SIGTERM)
		waitFor(t, "hub offline", func() bool { return len(unit.Peers()) == 1 && !unit.Peers()[0].Online })
		started := time.Now()
		_, err := unit.Open(user, sshx.Request{}, openTimeout, sshx.Progress{})
		if fault.CodeOf(err) != fault.HubOffline || time.Since(started) > time.Second {
			t.Errorf("got %v after %v", err, time.Since(started))
		}
	})
	t.Run("another node under the hub's name is not spoken to", func(t *testing.T) { checkOtherNode(t, s) })
}
