//go:build !js

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// forbidden packages, each with what it would bring into the browser. A name covers the packages below it.
var forbidden = map[string]string{
	"tailscale.com/ipn/ipnserver":        "serves LocalAPI to other processes; there are none, and it pulls in all of ipn/localapi",
	"tailscale.com/ipn/localapi":         "an HTTP API for local tools; we call LocalBackend",
	"tailscale.com/logtail":              "uploads logs to log.tailscale.com",
	"tailscale.com/logpolicy":            "decides about that upload, and wants a file system",
	"tailscale.com/tsnet":                "starts logtail and LocalAPI, and wants a file system",
	"tailscale.com/ssh/tailssh":          "is the SSH server",
	"tailscale.com/ipn/store/awsstore":   "keeps the node key in a cloud",
	"tailscale.com/feature/condregister": "registers every optional feature",
	"tailscale.com/clientupdate":         "would replace the program's own file",
	"tailscale.com/portlist":             "lists the programs of a computer",
	"net/http/pprof":                     "serves profiles, and registers itself with net/http",
	"expvar":                             "serves variables, and registers itself with net/http",
	"testing":                            "is for tests, and adds flags",
	"os/exec":                            "nothing can be run in a worker",
	"github.com/coreos/go-systemd":       "there is no systemd",
	"github.com/jellydator/ttlcache":     "serves the peer API's DNS",
}

func TestTheBrowserGetsNoForbiddenPackage(t *testing.T) {
	tags, err := exec.Command("go", "run", "hubtab/wasm/tools/buildtags").Output()
	if err != nil {
		t.Fatalf("compute build tags: %v", err)
	}
	list := exec.Command("go", "list", "-deps", "-tags", strings.TrimSpace(string(tags)), ".")
	list.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	output, err := list.Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	packages := strings.Fields(string(output))
	if len(packages) < 100 {
		t.Fatalf("only %d packages: this test looks at the wrong thing", len(packages))
	}
	for _, name := range packages {
		for banned, reason := range forbidden {
			if name == banned || strings.HasPrefix(name, banned+"/") {
				t.Errorf("%s must not be linked in: it %s", name, reason)
			}
		}
	}
}
