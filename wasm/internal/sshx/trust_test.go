package sshx

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"reflect"
	"testing"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

func keys(signers ...ssh.Signer) []ssh.PublicKey {
	var list []ssh.PublicKey
	for _, s := range signers {
		list = append(list, s.PublicKey())
	}
	return list
}

func lines(signers ...ssh.Signer) func() []string {
	list := []string{}
	for _, s := range signers {
		list = append(list, line(s))
	}
	return func() []string { return list }
}

func print256(s ssh.Signer) string { return ssh.FingerprintSHA256(s.PublicKey()) }

func TestEveryDoubtAboutAHostKeyHasItsNameAndOnlyTrustOverrulesIt(t *testing.T) {
	server := newTestServer(t, echo)
	offered, other := server.hostKey, newSigner(t)
	both := []string{fault.ByServer, fault.ByNetmap}
	for name, c := range map[string]struct {
		keys    HostKeys
		code    fault.Code
		against []string
	}{
		"only in the netmap": {HostKeys{Registered: keys(other), Netmap: lines(offered)}, fault.HostKeyMismatch, []string{fault.ByServer}},
		"in neither":         {HostKeys{Registered: keys(other), Netmap: lines(other)}, fault.HostKeyMismatch, both},
		"in neither, though seen": {
			HostKeys{Registered: keys(other), Netmap: lines(other), Seen: offered.PublicKey()}, fault.HostKeyMismatch, both,
		},
		"only registered":        {HostKeys{Registered: keys(offered), Netmap: lines(other)}, fault.HostKeyUnlisted, []string{fault.ByNetmap}},
		"nothing registered":     {HostKeys{Netmap: lines(offered)}, fault.HostKeyAbsent, []string{fault.ByServer}},
		"nothing in the netmap":  {HostKeys{Registered: keys(offered), Netmap: lines()}, fault.HostKeyAbsent, []string{fault.ByNetmap}},
		"rubbish in the netmap":  {HostKeys{Registered: keys(offered), Netmap: func() []string { return []string{"ssh-ed25519 !!", ""} }}, fault.HostKeyAbsent, []string{fault.ByNetmap}},
		"nothing known anywhere": {HostKeys{Netmap: lines()}, fault.HostKeyAbsent, both},
		"another one was seen": {
			HostKeys{Registered: keys(offered, other), Netmap: lines(offered, other), Seen: other.PublicKey()}, fault.HostKeyChanged, []string{fault.BySeen},
		},
	} {
		accepted := 0
		c.keys.OnAccept = func(ssh.PublicKey) { accepted++ }
		c.keys.Trusted = []string{print256(other)} // of another key: helps nothing
		_, err := server.poolWith(c.keys).Open("dev", command("x"), testTimeout, Progress{})
		got := fault.From(err)
		if got.Code != c.code || got.HostKey == nil {
			t.Errorf("%s: got %+v", name, got)
			continue
		}
		if k := got.HostKey; k.Offered != print256(offered) || k.Type != "ssh-ed25519" || !reflect.DeepEqual(k.Against, c.against) ||
			!reflect.DeepEqual(k.Registered, fingerprints(c.keys.Registered)) {
			t.Errorf("%s: got %+v", name, k)
		}
		if users := server.seenUsers(); len(users) > 0 || accepted > 0 {
			t.Fatalf("%s: the hub learned %v, %d keys were accepted", name, users, accepted)
		}

		c.keys.Trusted = append(c.keys.Trusted, print256(offered))
		pool := server.poolWith(c.keys)
		mustOpen(t, pool, "dev", command("x"))
		mustOpen(t, pool, "ops", command("x"))
		if accepted != 2 {
			t.Errorf("%s: %d keys were accepted by trust", name, accepted)
		}
		server.forgetUsers()
	}
}

func TestAHostKeyThatChangesWhileWeLookIsRefused(t *testing.T) {
	server := newTestServer(t, echo)
	first, second := server.hostKey, newSigner(t)
	pool := server.poolTrusting(keys(first, second), lines(first, second)())
	mustOpen(t, pool, "dev", command("x"))
	server.hostKey = second
	_, err := pool.Open("ops", command("x"), testTimeout, Progress{})
	got := fault.From(err)
	if got.Code != fault.HostKeyChanged || got.HostKey.Offered != print256(second) || got.HostKey.Seen != print256(first) {
		t.Errorf("got %+v", got)
	}
	server.hostKey = first
	mustOpen(t, pool, "ops", command("x"))
}

func TestAKeyOfATypeThatNobodyListsIsShown(t *testing.T) {
	server := newTestServer(t, echo)
	listed := server.hostKey
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if server.hostKey, err = ssh.NewSignerFromKey(private); err != nil {
		t.Fatal(err)
	}
	_, err = server.poolTrusting(keys(listed), lines(listed)()).Open("dev", command("x"), testTimeout, Progress{})
	if got := fault.From(err); got.Code != fault.HostKeyMismatch || got.HostKey.Type != "ecdsa-sha2-nistp256" {
		t.Errorf("got %+v", got)
	}
}

func TestTheTypeThatWasSeenIsAskedForFirst(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	fresh := newSigner(t)
	rules := HostKeys{Registered: keys(fresh, old), Netmap: lines(fresh, old), Seen: old.PublicKey()}
	got := newHostKeyCheck(rules, &seenKey{key: rules.Seen}).algorithms()
	if got[0] != ssh.KeyAlgoECDSA256 || got[1] != ssh.KeyAlgoED25519 || len(got) != 6 {
		t.Errorf("got %v", got)
	}
}
