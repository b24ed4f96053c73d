package node

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/sshx"
)

// checkOtherHostKey registers a host key that the hub does not have.
func checkOtherHostKey(t *testing.T, s *stack) {
	cfg := s.config(s.authKey(true, time.Hour))
	cfg.HubKeys = []string{exampleHostKey}
	cfg.Hostname = "other-key"
	unit := join(t, cfg)
	defer unit.Leave()
	_, err := unit.Open(s.sshUser.Username, sshx.Request{}, openTimeout, sshx.Progress{})
	got := fault.From(err)
	if got.Code != fault.HostKeyMismatch || got.HostKey == nil {
		t.Fatalf("got %+v", got)
	}
	// The netmap has what the hub offers, so it was the real hub that was refused.
	if report := got.HostKey; !slices.Contains(report.Netmap, report.Offered) {
		t.Errorf("got %+v", report)
	}
	for _, ip := range unit.Self().IPs {
		if s.hub.output.contains(ip) {
			t.Errorf("the hub's SSH server was told of %s", ip)
		}
	}
}

// checkOtherNode starts a second node under the hub's name, which serves SSH as well as the hub, and takes the hub away.
// It runs last.
func checkOtherNode(t *testing.T, s *stack) {
	other := s.startTailscaled("hub0")
	user := s.sshUser.Username
	unit := join(t, s.config(s.authKey(true, time.Hour)))
	knows := func(nodeKey string) bool {
		return slices.ContainsFunc(unit.Peers(), func(p Peer) bool { return p.NodeKey == nodeKey })
	}
	waitFor(t, "both nodes are known", func() bool { return knows(s.hub.nodeKey) && knows(other.nodeKey) })
	refused := func(want fault.Code) {
		t.Helper()
		_, err := unit.Open(user, sshx.Request{}, openTimeout, sshx.Progress{})
		if fault.CodeOf(err) != want {
			t.Errorf("got %v, expected %s", err, want)
		}
		if other.wasLoggedInto() {
			t.Error("the other node was spoken to")
		}
		if _, _, err := unit.Ping(); fault.CodeOf(err) != want {
			t.Errorf("ping: got %v, expected %s", err, want)
		}
	}
	refused(fault.HubOffline)
	s.api("DELETE", "/node/"+s.nodeID(s.hub.ip), nil)
	waitFor(t, "the hub is gone", func() bool { return !knows(s.hub.nodeKey) })
	refused(fault.HubNotFound)
	unit.Leave()

	cfg := s.config(s.authKey(true, time.Hour))
	cfg.HubNodeKey, cfg.HubKeys = other.nodeKey, []string{other.hostKey}
	unit = join(t, cfg)
	waitFor(t, "the other node is known", func() bool { _, ok := unit.findHub(); return ok })
	if out, _ := run(t, unit, user, "echo $SSH_CONNECTION"); !strings.Contains(out, other.ip) || !other.wasLoggedInto() {
		t.Errorf("as the registered one it was not reached: %q", out)
	}
	unit.Leave()
}
