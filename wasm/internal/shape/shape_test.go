package shape

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/node"
	"hubtab/wasm/internal/sshx"
)

var update = flag.Bool("update", false, "write the fixtures anew")

// examples has every shape, with and without what is optional.
func examples() Object {
	at := time.UnixMilli(1_790_000_000_123)
	changed := fault.New(fault.HostKeyChanged, "the hub presented another host key than before")
	changed.HostKey = &fault.HostKey{
		Offered: "SHA256:offered", Type: "ssh-ed25519", Seen: "SHA256:seen", Against: []string{fault.BySeen},
		Registered: []string{"SHA256:offered"}, Netmap: []string{"SHA256:offered", "SHA256:other"},
	}
	absent := fault.New(fault.HostKeyAbsent, "the network lists no host key of this hub")
	absent.HostKey = &fault.HostKey{
		Offered: "SHA256:offered", Type: "ssh-ed25519", Registered: []string{"SHA256:registered"}, Against: []string{fault.ByServer, fault.ByNetmap},
	}
	return Object{
		"errors": []any{
			Error(fault.New(fault.HubOffline, "the hub is not connected")),
			Error(fmt.Errorf("open: %w", fault.New(fault.BadArgument, "options.user: expected a user name"))),
			Error(changed), Error(absent),
			Error(fmt.Errorf("nobody named this")),
		},
		"states": []any{
			State(node.State{Kind: node.KindRunning}),
			State(node.State{Kind: node.KindReconnecting, Reason: "EOF"}),
			State(node.State{Kind: node.KindFailed, Code: fault.NodeDeleted, Message: "node not found"}),
		},
		"self": Self(node.Self{IPs: []string{"100.64.0.1"}, NodeKey: "nodekey:00", NodeID: "1"}),
		"peers": Peers([]node.Peer{
			{Name: "hub0", IPs: []string{"100.64.0.2", "fd7a::2"}, NodeKey: "nodekey:01", Online: true, IsHub: true},
			{Name: "other", IPs: []string{}, NodeKey: "nodekey:02", LastSeen: at},
		}),
		"ends": []any{
			End(sshx.End{Reason: sshx.ReasonExited, HasCode: true}),
			End(sshx.End{Reason: sshx.ReasonExited, HasCode: true, Code: 42}),
			End(sshx.End{Reason: sshx.ReasonExited, Signal: "TERM"}),
			End(sshx.End{Reason: sshx.ReasonClosed}),
			End(sshx.End{Reason: string(fault.ConnectionLost)}),
		},
		"unitStats": []any{
			UnitStats("hub0", node.Stats{State: node.KindRunning}),
			UnitStats("hub0", node.Stats{
				State: node.KindReconnecting, SSHConnections: 1, Channels: 3, Relay: "hs", ClockAhead: -time.Second,
				Ping:   &node.PingStats{RTT: 1500 * time.Microsecond, Via: "hs", At: at},
				Errors: []node.Mistake{{At: at, What: "control", Code: fault.ControlUnreachable, Text: "EOF"}},
			}),
		},
	}
}

func TestShapesAreThoseThatTypeScriptTests(t *testing.T) {
	got, err := json.MarshalIndent(examples(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("..", "..", "..", "tests", "fixtures", "tailnet-shapes.json")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any // the formatter of the project may lay the file out in its own way
	if json.Unmarshal(got, &a) != nil || json.Unmarshal(want, &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%s differs: run `go test ./internal/shape -update` and look at what node.d.ts says", path)
	}
}
