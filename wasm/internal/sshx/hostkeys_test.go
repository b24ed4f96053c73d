package sshx

import (
	"reflect"
	"testing"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

func TestAHubWithoutAHostKeyOnOneSideIsNotSpokenTo(t *testing.T) {
	server := newTestServer(t, echo)
	key := server.hostKey
	for name, c := range map[string]struct {
		registered []ssh.PublicKey
		netmap     []string
		known      []string
	}{
		"none in the netmap": {[]ssh.PublicKey{key.PublicKey()}, nil, []string{ssh.FingerprintSHA256(key.PublicKey())}},
		"none registered":    {nil, []string{line(key)}, nil},
	} {
		_, err := server.poolTrusting(c.registered, c.netmap).Open("dev", command("x"), testTimeout, Progress{})
		if got := fault.From(err); got.Code != fault.HostKeyAbsent || !reflect.DeepEqual(got.Known, c.known) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if users := server.seenUsers(); len(users) > 0 {
		t.Errorf("the hub learned %v", users)
	}
}

func TestAHostKeyThatChangesIsRefusedThoughItIsListed(t *testing.T) {
	server := newTestServer(t, echo)
	first, second := server.hostKey, newSigner(t)
	pool := server.poolTrusting([]ssh.PublicKey{first.PublicKey(), second.PublicKey()}, []string{line(first), line(second)})
	mustOpen(t, pool, "dev", command("x"))
	server.hostKey = second
	_, err := pool.Open("ops", command("x"), testTimeout, Progress{})
	got := fault.From(err)
	if got.Code != fault.HostKeyMismatch || got.Offered != ssh.FingerprintSHA256(second.PublicKey()) ||
		!reflect.DeepEqual(got.Known, []string{ssh.FingerprintSHA256(first.PublicKey())}) {
		t.Errorf("got %+v", got)
	}
	server.hostKey = first
	mustOpen(t, pool, "ops", command("x"))
}
