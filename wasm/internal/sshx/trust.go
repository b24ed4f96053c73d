package sshx

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

// HostKeys says which host key of a hub is right. The server and the network must both name it: the netmap alone would
// let whoever controls Headscale name any key, the registration alone would outlive a hub that changed its keys. And it
// must be the one that was seen before. Only what a person compared goes above that.
type HostKeys struct {
	// Registered holds the keys that the server registered.
	Registered []ssh.PublicKey
	// Netmap returns the host key lines of the hub's node in the netmap, now.
	Netmap func() []string
	// Trusted holds fingerprints, `SHA256:<base64>`, that a person compared and accepted.
	Trusted []string
	// Seen is the key that the hub proved to have some time before; nil if it is not known.
	Seen ssh.PublicKey
	// OnAccept, if non-nil, is told every accepted key. It must not block.
	OnAccept func(ssh.PublicKey)
}

// seenKey is the key that was accepted last; all connections to one hub share it.
type seenKey struct {
	mu  sync.Mutex
	key ssh.PublicKey
}

func (s *seenKey) get() ssh.PublicKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key
}

// accept notes key if there was none before, if it is the same, or if a person trusts it.
func (s *seenKey) accept(key ssh.PublicKey, isTrusted bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil && !isTrusted && !contains([]ssh.PublicKey{s.key}, key) {
		return false
	}
	s.key = key
	return true
}

// hostKeyCheck decides about the host key of one connection.
type hostKeyCheck struct {
	rules  HostKeys
	netmap []ssh.PublicKey // what we can read of it, now
	seen   *seenKey
}

func newHostKeyCheck(rules HostKeys, seen *seenKey) hostKeyCheck {
	check := hostKeyCheck{rules: rules, seen: seen}
	for _, line := range rules.Netmap() {
		if key, err := ParseHostKey(line); err == nil { // else a type that we do not speak
			check.netmap = append(check.netmap, key)
		}
	}
	return check
}

// algorithms returns the value of ssh.ClientConfig.HostKeyAlgorithms: the type that was seen first, then those in both
// lists, then those in one. The others follow, since a hub that has none of these shall present its key too: a person
// can only compare what they are shown. The order depends on nothing else, so a hub keeps presenting the same key.
func (c hostKeyCheck) algorithms() []string {
	var inBoth, all []ssh.PublicKey
	for _, key := range c.netmap {
		if contains(c.rules.Registered, key) {
			inBoth = append(inBoth, key)
		}
	}
	if seen := c.seen.get(); seen != nil {
		all = append(all, seen)
	}
	names := algorithmsOf(all)
	for _, keys := range [][]ssh.PublicKey{inBoth, c.rules.Registered, c.netmap} {
		names = append(names, algorithmsOf(keys)...)
	}
	for _, t := range keyTypes {
		names = append(names, t.algorithms...)
	}
	var unique []string
	for _, name := range names {
		if !slices.Contains(unique, name) {
			unique = append(unique, name)
		}
	}
	return unique
}

// verify returns nil for the right key, else an error that says what is known. It runs before anything of us, even the
// user name, is sent.
func (c hostKeyCheck) verify(offered ssh.PublicKey) error {
	report := c.report(offered)
	isTrusted := slices.Contains(c.rules.Trusted, report.Offered)
	isNamed := !slices.Contains(report.Against, fault.ByServer) && !slices.Contains(report.Against, fault.ByNetmap)
	if (isTrusted || isNamed) && c.seen.accept(offered, isTrusted) {
		if c.rules.OnAccept != nil {
			c.rules.OnAccept(offered)
		}
		return nil
	}
	var err *fault.Error
	switch {
	case len(report.Registered) == 0:
		err = fault.New(fault.HostKeyAbsent, "the server has no host key of this hub registered")
	case len(report.Netmap) == 0:
		err = fault.New(fault.HostKeyAbsent, "the network lists no host key of this hub")
	case slices.Contains(report.Against, fault.ByServer):
		err = fault.New(fault.HostKeyMismatch, "the hub presented another host key than the server registered")
	case slices.Contains(report.Against, fault.ByNetmap):
		err = fault.New(fault.HostKeyUnlisted, "the hub presented a registered host key that the network does not list")
	default:
		err = fault.New(fault.HostKeyChanged, "the hub presented another host key than before")
	}
	err.HostKey = &report
	return err
}

// report compares offered with all that is known.
func (c hostKeyCheck) report(offered ssh.PublicKey) fault.HostKey {
	report := fault.HostKey{
		Offered: ssh.FingerprintSHA256(offered), Type: offered.Type(),
		Registered: fingerprints(c.rules.Registered), Netmap: fingerprints(c.netmap),
	}
	if !contains(c.rules.Registered, offered) {
		report.Against = append(report.Against, fault.ByServer)
	}
	if !contains(c.netmap, offered) {
		report.Against = append(report.Against, fault.ByNetmap)
	}
	if seen := c.seen.get(); seen != nil {
		report.Seen = ssh.FingerprintSHA256(seen)
		if report.Seen != report.Offered {
			report.Against = append(report.Against, fault.BySeen)
		}
	}
	return report
}

func fingerprints(keys []ssh.PublicKey) []string {
	list := []string{}
	for _, key := range keys {
		list = append(list, ssh.FingerprintSHA256(key))
	}
	return list
}

// HostKeyLine writes a key as ParseHostKey reads it.
func HostKeyLine(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}
