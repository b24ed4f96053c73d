package sshx

import (
	"bytes"
	"slices"

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

// algorithmsOf returns the signature algorithms of the types that occur in keys, best first.
func algorithmsOf(keys []ssh.PublicKey) []string {
	var names []string
	for _, t := range keyTypes {
		if slices.ContainsFunc(keys, func(k ssh.PublicKey) bool { return k.Type() == t.name }) {
			names = append(names, t.algorithms...)
		}
	}
	return names
}

func algorithmsFor(keyType string) []string {
	for _, t := range keyTypes {
		if t.name == keyType {
			return t.algorithms
		}
	}
	return nil
}

func contains(keys []ssh.PublicKey, key ssh.PublicKey) bool {
	blob := key.Marshal()
	return slices.ContainsFunc(keys, func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), blob) })
}
