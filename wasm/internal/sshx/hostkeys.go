package sshx

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

// maxHostKeyLine bounds a line of a host key, in bytes: an RSA key of 16384 bits takes 2.8 kB.
const maxHostKeyLine = 8 << 10

// ParseHostKey reads `<type> <base64>`, the form of authorized_keys and of the netmap. A comment may follow; options
// before the type are refused, since they mean nothing for a host key.
func ParseHostKey(line string) (ssh.PublicKey, error) {
	if len(line) > maxHostKeyLine {
		return nil, fault.New(fault.BadArgument, "host key of %d bytes is too long", len(line))
	}
	key, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return nil, fault.New(fault.BadArgument, "host key: %w", err)
	}
	if len(options) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fault.New(fault.BadArgument, "host key: expected `<type> <base64>` on one line")
	}
	if len(algorithmsFor(key.Type())) == 0 {
		return nil, fault.New(fault.BadArgument, "host key type %q is not supported", key.Type())
	}
	return key, nil
}

// keyTypes are the host key types that tailscaled makes, best first, with the signature algorithms of each.
var keyTypes = []struct {
	name       string
	algorithms []string
}{
	{ssh.KeyAlgoED25519, []string{ssh.KeyAlgoED25519}},
	{ssh.KeyAlgoECDSA256, []string{ssh.KeyAlgoECDSA256}},
	{ssh.KeyAlgoECDSA384, []string{ssh.KeyAlgoECDSA384}},
	{ssh.KeyAlgoECDSA521, []string{ssh.KeyAlgoECDSA521}},
	{ssh.KeyAlgoRSA, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}},
}

func algorithmsFor(keyType string) []string {
	for _, t := range keyTypes {
		if t.name == keyType {
			return t.algorithms
		}
	}
	return nil
}

// hostKeyPolicy decides which host key is right for one connection.
type hostKeyPolicy struct {
	trusted    []ssh.PublicKey // registered with the server, and in the netmap now
	registered []ssh.PublicKey
	seen       *seenKeys
	absent     string // why nothing can be trusted: one side lists no key at all; empty if both do
}

// seenKeys remembers the host keys that the hub proved to have, one of each type: it may have several, but none of them
// ever changes into another while we look.
type seenKeys struct {
	mu     sync.Mutex
	byType map[string]ssh.PublicKey
}

// other returns the key of the same type that was seen before, if it is another one, else nil.
func (s *seenKeys) other(key ssh.PublicKey) ssh.PublicKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byType[key.Type()]; old != nil && !contains([]ssh.PublicKey{old}, key) {
		return old
	}
	return nil
}

func (s *seenKeys) note(key ssh.PublicKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byType == nil {
		s.byType = map[string]ssh.PublicKey{}
	}
	s.byType[key.Type()] = key
}

// newHostKeyPolicy trusts the registered keys that the netmap lists too. Both must agree: the netmap alone would let
// whoever controls Headscale name any key, the registration alone would outlive a hub that changed its keys.
func newHostKeyPolicy(registered []ssh.PublicKey, netmapLines []string, seen *seenKeys) hostKeyPolicy {
	policy := hostKeyPolicy{registered: registered, seen: seen}
	switch {
	case len(registered) == 0:
		policy.absent = "the server has no host key of this hub registered"
	case len(netmapLines) == 0:
		policy.absent = "the network lists no host key of this hub"
	}
	for _, line := range netmapLines {
		key, err := ParseHostKey(line)
		if err != nil {
			continue // a type we do not speak; what counts is what is in both lists
		}
		if contains(registered, key) && !contains(policy.trusted, key) {
			policy.trusted = append(policy.trusted, key)
		}
	}
	return policy
}

// candidates returns the trusted keys or, if there are none, the registered ones: we then still look at the key that
// the hub offers, to be able to name it in the error.
func (p hostKeyPolicy) candidates() []ssh.PublicKey {
	if len(p.trusted) > 0 {
		return p.trusted
	}
	return p.registered
}

// algorithms returns the value of ssh.ClientConfig.HostKeyAlgorithms: only types that can match, ed25519 first.
func (p hostKeyPolicy) algorithms() []string {
	var names []string
	for _, t := range keyTypes {
		if slices.ContainsFunc(p.candidates(), func(k ssh.PublicKey) bool { return k.Type() == t.name }) {
			names = append(names, t.algorithms...)
		}
	}
	return names
}

// verify returns nil for a trusted key that is not another than last time, else a HostKeyMismatch. It runs before
// anything of us, even the user name, is sent.
func (p hostKeyPolicy) verify(offered ssh.PublicKey) error {
	var mismatch *fault.Error
	switch old := p.seen.other(offered); {
	case !contains(p.trusted, offered):
		mismatch = p.mismatch("the hub offered a host key that is not both registered and in the netmap")
	case old != nil:
		mismatch = p.mismatch("the hub offered another host key than before")
		mismatch.Known = []string{ssh.FingerprintSHA256(old)}
	default:
		p.seen.note(offered)
		return nil
	}
	mismatch.Offered = ssh.FingerprintSHA256(offered)
	return mismatch
}

// check returns a HostKeyAbsent when no key whatever could be right: nothing is then said to the hub.
func (p hostKeyPolicy) check() error {
	if p.absent == "" {
		return nil
	}
	err := p.mismatch(p.absent)
	err.Code = fault.HostKeyAbsent
	return err
}

func (p hostKeyPolicy) mismatch(message string) *fault.Error {
	err := fault.New(fault.HostKeyMismatch, "%s", message)
	for _, key := range p.candidates() {
		err.Known = append(err.Known, ssh.FingerprintSHA256(key))
	}
	return err
}

func contains(keys []ssh.PublicKey, key ssh.PublicKey) bool {
	blob := key.Marshal()
	return slices.ContainsFunc(keys, func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), blob) })
}

// isNoCommonHostKey reports whether the handshake failed because the hub has no key of an acceptable type.
func isNoCommonHostKey(err error) bool {
	return strings.Contains(err.Error(), "no common algorithm for host key")
}
