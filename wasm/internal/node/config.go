package node

import (
	"net/url"
	"strings"

	"golang.org/x/crypto/ssh"
	"tailscale.com/types/key"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/sshx"
)

// Config describes one unit; see UnitConfig in node.d.ts.
type Config struct {
	ID         string
	ControlURL string
	AuthKey    string
	Hostname   string
	State      []byte
	HubNodeKey string
	HubKeys    []string
	// TrustedHostKeys holds the fingerprints that a person chose to trust.
	TrustedHostKeys []string
	// SeenHostKey, if non-empty, is what OnHostKey gave before.
	SeenHostKey string
}

// hub is the one node that a unit may talk to.
type hub struct {
	nodeKey     key.NodePublic
	hostKeys    []ssh.PublicKey
	seenHostKey ssh.PublicKey // nil if none was
}

// isHostname reports whether text is one DNS label in lower case; Headscale makes the node's name from it.
func isHostname(text string) bool {
	return len(text) <= 63 && consistsOf(text, lowerCase+digits+"-") && text[0] != '-' && text[len(text)-1] != '-'
}

// isFingerprint reports whether text is what `ssh-keygen -l` prints of a key: half a fingerprint is none.
func isFingerprint(text string) bool {
	hash, ok := strings.CutPrefix(text, "SHA256:")
	return ok && len(hash) == 43 && consistsOf(hash, lowerCase+strings.ToUpper(lowerCase)+digits+"+/")
}

const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	digits    = "0123456789"
)

// consistsOf reports whether text is not empty and has only these characters. Patterns with counts would take longer to
// compile, at each start, than all else that this package does by then.
func consistsOf(text, characters string) bool {
	return text != "" && strings.Trim(text, characters) == ""
}

// check validates c and returns its parsed hub.
func (c Config) check() (hub, error) {
	if c.ID == "" {
		return hub{}, fault.New(fault.BadArgument, "id: expected the hub's id, got nothing")
	}
	control, err := url.Parse(c.ControlURL)
	if err != nil || (control.Scheme != "http" && control.Scheme != "https") || control.Host == "" {
		return hub{}, fault.New(fault.BadArgument, "controlUrl: expected an http or https URL")
	}
	if !isHostname(c.Hostname) {
		return hub{}, fault.New(fault.BadArgument, "hostname: expected one lower-case DNS label")
	}
	if c.AuthKey == "" && len(c.State) == 0 {
		return hub{}, fault.New(fault.BadArgument, "authKey: needed, since there is no state to resume from")
	}
	nodeKey, err := ParseNodeKey(c.HubNodeKey)
	if err != nil {
		return hub{}, err
	}
	parsed := hub{nodeKey: nodeKey}
	for _, line := range c.HubKeys {
		hostKey, err := sshx.ParseHostKey(line)
		if err != nil {
			return hub{}, fault.New(fault.BadArgument, "hub.hostKeys: %w", err)
		}
		parsed.hostKeys = append(parsed.hostKeys, hostKey)
	}
	if c.SeenHostKey != "" {
		if parsed.seenHostKey, err = sshx.ParseHostKey(c.SeenHostKey); err != nil {
			return hub{}, fault.New(fault.BadArgument, "hub.seenHostKey: %w", err)
		}
	}
	for _, fingerprint := range c.TrustedHostKeys {
		if !isFingerprint(fingerprint) {
			return hub{}, fault.New(fault.BadArgument, "hub.trustedHostKeys: expected SHA256:<base64>")
		}
	}
	return parsed, nil
}

// ParseNodeKey reads `nodekey:<64 hex digits>`; the zero key is refused, since unregistered peers may carry it.
func ParseNodeKey(text string) (key.NodePublic, error) {
	var nodeKey key.NodePublic
	if !strings.HasPrefix(text, "nodekey:") {
		return nodeKey, fault.New(fault.BadArgument, "hub.nodeKey: expected nodekey:<hex>")
	}
	if err := nodeKey.UnmarshalText([]byte(text)); err != nil || nodeKey.IsZero() {
		return key.NodePublic{}, fault.New(fault.BadArgument, "hub.nodeKey: expected nodekey:<hex>")
	}
	return nodeKey, nil
}
