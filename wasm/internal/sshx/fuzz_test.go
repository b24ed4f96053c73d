package sshx

import (
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

const exampleKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7mVqJuOQ8Y5V5XsZp5A4Yz6rN7d2rY0q1kq4v3m9aB"

// FuzzParseHostKey: the netmap's lines come from another computer.
func FuzzParseHostKey(f *testing.F) {
	for _, seed := range []string{
		exampleKey, exampleKey + " comment", exampleKey + "\n", exampleKey + "\n" + exampleKey, "", "ssh-ed25519", "ssh-ed25519 AAAA",
		`command="x" ` + exampleKey, "ssh-rsa AAAAB3NzaC1yc2E=", strings.Repeat("A", maxHostKeyLine+1), "\x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParseHostKey(text)
		if err != nil {
			return
		}
		again, err := ParseHostKey(string(ssh.MarshalAuthorizedKey(key)))
		if err != nil || string(again.Marshal()) != string(key.Marshal()) {
			t.Errorf("%q does not survive a round trip: %v", text, err)
		}
	})
}

// FuzzCannotSwitchUser: a hub's output is cut anywhere, and only the one whole line counts.
func FuzzCannotSwitchUser(f *testing.F) {
	f.Add([]byte(cannotSwitchUser), 3)
	f.Add([]byte("can't switch user"), 0)
	f.Add([]byte(cannotSwitchUser+"x"), 19)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, output []byte, cut int) {
		cut = max(0, min(cut, len(output)))
		var head outputHead
		head.note(output[:cut])
		head.note(output[cut:])
		got := head.saysCannotSwitchUser(exitStatus{hasCode: true, code: 1})
		if want := string(output) == cannotSwitchUser; got != want {
			t.Errorf("%q: got %v", output, got)
		}
	})
}

// FuzzClassifyDenial: banners are the hub's text; whatever they hold, the caller gets a code and a message.
func FuzzClassifyDenial(f *testing.F) {
	f.Add("dev", bannerNoUser+` "dev" `)
	f.Add("root", bannerPolicyUser+` "root"`)
	f.Add("dev", "")
	f.Add("dev", "\x1b[2J\x00\n\n")
	f.Fuzz(func(t *testing.T, user, banners string) {
		err := classifyDenial(user, banners, errTest)
		if err.Code == "" || err.Message == "" {
			t.Errorf("%q: got %+v", banners, err)
		}
	})
}

// FuzzExitRequests: whatever a hub says of how a command ended, reading it ends, and only whole messages count.
func FuzzExitRequests(f *testing.F) {
	f.Add("exit-status", ssh.Marshal(exitStatusPayload{255}))
	f.Add("exit-signal", ssh.Marshal(exitSignalPayload{Signal: "TERM", Error: "ended"}))
	f.Add("exit-status", []byte{0, 0, 1})
	f.Add("exit-signal", []byte{0xff, 0xff, 0xff, 0xff, 'T'})
	f.Add("keepalive@openssh.com", []byte{})
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		requests := make(chan *ssh.Request, 1)
		requests <- &ssh.Request{Type: name, Payload: payload}
		close(requests)
		exit := serveRequests(requests)
		if exit.hasCode && (name != "exit-status" || len(payload) != 4) {
			t.Errorf("%s %x: status %d", name, payload, exit.code)
		}
		if exit.signal != "" && (name != "exit-signal" || len(exit.signal) > len(payload)) {
			t.Errorf("%s %x: signal %q", name, payload, exit.signal)
		}
	})
}

type testError struct{}

func (testError) Error() string { return "unable to authenticate" }

var errTest = testError{}
