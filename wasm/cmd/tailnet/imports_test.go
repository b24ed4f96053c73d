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
	"tailscale.com/ipn/localapi":         "is an HTTP API for local tools; we call LocalBackend",
	"tailscale.com/tsnet":                "starts logtail and LocalAPI, and wants a file system",
	"tailscale.com/ssh/tailssh":          "is the SSH server",
	"tailscale.com/ipn/store/awsstore":   "keeps the node key in a cloud",
	"tailscale.com/ipn/store/kubestore":  "keeps the node key in a cluster",
	"tailscale.com/feature/condregister": "registers every optional feature",
	"tailscale.com/clientupdate":         "would replace the program's own file",
	"tailscale.com/portlist":             "lists the programs of a computer",
	"net/http/pprof":                     "serves profiles, and registers itself with net/http",
	"testing":                            "is for tests, and adds flags",
	"github.com/coreos/go-systemd":       "speaks to systemd; there is none",
}

// onlyThroughOthers may be linked in, since ipnlocal, netstack and controlclient of v1.102.5 import them themselves, but
// our own packages have no business with them.
var onlyThroughOthers = map[string]string{
	"tailscale.com/logtail":    "uploads logs to log.tailscale.com",
	"tailscale.com/logpolicy":  "decides about that upload, and wants a file system",
	"tailscale.com/safesocket": "listens for local tools",
	"os/exec":                  "runs programs; a worker cannot",
	"expvar":                   "publishes variables by HTTP",
}

func TestTheBrowserGetsNoForbiddenPackage(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < 100 {
		t.Fatalf("only %d packages: this test looks at the wrong thing", len(packages))
	}
	for name, imports := range packages {
		if banned, reason := find(forbidden, name); banned {
			t.Errorf("%s must not be linked in: it %s", name, reason)
		}
		if !strings.HasPrefix(name, "hubtab/") {
			continue
		}
		for _, imported := range imports {
			if banned, reason := find(onlyThroughOthers, imported); banned {
				t.Errorf("%s must not import %s: it %s", name, imported, reason)
			}
		}
	}
}

// listPackages returns what the browser's build links in, with the imports of each.
func listPackages(t *testing.T) map[string][]string {
	t.Helper()
	tags, err := exec.Command("go", "run", "hubtab/wasm/tools/buildtags").Output()
	if err != nil {
		t.Fatalf("compute build tags: %v", err)
	}
	list := exec.Command("go", "list", "-deps", "-tags", strings.TrimSpace(string(tags)), "-f", `{{.ImportPath}} {{join .Imports " "}}`, ".")
	list.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	output, err := list.Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	packages := map[string][]string{}
	for line := range strings.Lines(string(output)) {
		if words := strings.Fields(line); len(words) > 0 {
			packages[words[0]] = words[1:]
		}
	}
	return packages
}

func find(banned map[string]string, name string) (bool, string) {
	for prefix, reason := range banned {
		if name == prefix || strings.HasPrefix(name, prefix+"/") {
			return true, reason
		}
	}
	return false, ""
}
