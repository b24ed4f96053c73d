package node

import (
	"encoding/json"
	"strings"
	"testing"

	"hubtab/wasm/internal/fault"
)

const (
	exampleNodeKey = "nodekey:267a60009db7c2ba86de03cd719c0c7f4d9ca9c0952aa6b68936ff9a03644e18"
	exampleHostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7mVqJuOQ8Y5V5XsZp5A4Yz6rN7d2rY0q1kq4v3m9aB"
)

func exampleConfig() Config {
	return Config{
		ID: "hub0", ControlURL: "http://127.0.0.1:1", AuthKey: "key", Hostname: "browser-1",
		HubNodeKey: exampleNodeKey, HubKeys: []string{exampleHostKey},
	}
}

func TestWrongArgumentsAreNamed(t *testing.T) {
	if _, err := exampleConfig().check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*Config){
		"id":                  func(c *Config) { c.ID = "" },
		"controlUrl":          func(c *Config) { c.ControlURL = "ftp://x" },
		"hostname":            func(c *Config) { c.Hostname = "Has Spaces" },
		"authKey":             func(c *Config) { c.AuthKey = "" },
		"hub.nodeKey":         func(c *Config) { c.HubNodeKey = "nodekey:" + strings.Repeat("0", 64) },
		"hub.hostKeys":        func(c *Config) { c.HubKeys = []string{"ssh-ed25519 rubbish"} },
		"hub.seenHostKey":     func(c *Config) { c.SeenHostKey = "rubbish" },
		"hub.trustedHostKeys": func(c *Config) { c.TrustedHostKeys = []string{"SHA256:short"} },
	} {
		cfg := exampleConfig()
		spoil(&cfg)
		_, err := cfg.check()
		if fault.CodeOf(err) != fault.BadArgument || !strings.HasPrefix(err.Error(), field+":") {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestHostnamesAreOneLabelOfDNS(t *testing.T) {
	for text, want := range map[string]bool{
		"a": true, "browser-1": true, "0": true, strings.Repeat("a", 63): true,
		"": false, "-": false, "-a": false, "a-": false, "a.b": false, "a b": false, "A": false, "ä": false, strings.Repeat("a", 64): false,
	} {
		if isHostname(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

func TestFingerprintsAreWhole(t *testing.T) {
	hash := strings.Repeat("Az09+/x", 7)[:43]
	for text, want := range map[string]bool{
		"SHA256:" + hash: true,
		hash:             false, "SHA256:" + hash[1:]: false, "SHA256:" + hash + "x": false, "SHA256:" + hash[1:] + "=": false, "MD5:" + hash: false,
	} {
		if isFingerprint(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

func TestStoreGivesBackWhatItWasGiven(t *testing.T) {
	first, err := newStore(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.exported.Close()
	first.WriteState("_machinekey", []byte("secret"))
	second, err := newStore(first.exported.Get())
	if err != nil {
		t.Fatal(err)
	}
	defer second.exported.Close()
	if got, err := second.ReadState("_machinekey"); err != nil || string(got) != "secret" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestStoreErrorsDoNotQuoteTheState(t *testing.T) {
	_, err := newStore([]byte(`{"_machinekey":"privkey:secret`))
	if fault.CodeOf(err) != fault.BadArgument || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// FuzzStoreState: the bytes come back from the browser's session storage.
func FuzzStoreState(f *testing.F) {
	for _, seed := range []string{"{}", "null", "[]", `{"_machinekey":"AAAA"}`, `{"a":1}`, `{"a":"!"}`, "\x00", `{"_profiles":"bnVsbA=="}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		s, err := newStore(state)
		if err != nil {
			return
		}
		defer s.exported.Close()
		if exported := s.exported.Get(); !json.Valid(exported) {
			t.Errorf("%q was exported as %q", state, exported)
		}
	})
}

// FuzzParseNodeKey: what passes must print as it was read.
func FuzzParseNodeKey(f *testing.F) {
	f.Add(exampleNodeKey)
	f.Add("nodekey:")
	f.Add("nodekey:" + strings.Repeat("0", 64))
	f.Add(strings.ToUpper(exampleNodeKey))
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := ParseNodeKey(text); err == nil && key.String() != strings.ToLower(text) {
			t.Errorf("%q became %q", text, key)
		}
	})
}
