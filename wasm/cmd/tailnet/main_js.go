//go:build js && wasm

// Command tailnet is Hubtab's Tailscale client as a WebAssembly program. It only translates between JavaScript and the
// packages under internal/; node.d.ts describes what it offers.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"syscall/js"

	"tailscale.com/envknob"
	"tailscale.com/hostinfo"
	"tailscale.com/net/netns"

	"hubtab/wasm/internal/node"
)

func main() {
	boot := js.Global().Get("hubtabBoot")
	if boot.Type() != js.TypeObject || boot.Get("ready").Type() != js.TypeFunction || boot.Get("log").Type() != js.TypeFunction {
		fmt.Fprintln(os.Stderr, "tailnet: globalThis.hubtabBoot must be {ready, log}")
		os.Exit(2)
	}
	js.Global().Delete("hubtabBoot")
	logLine := func(line string) { boot.Call("log", line) }
	log.SetFlags(0)
	log.SetOutput(lineWriter(logLine))
	envknob.SetNoLogsNoSupport() // nothing is uploaded anywhere
	hostinfo.SetApp("hubtab")
	netns.SetEnabled(false) // a worker has no sockets to bind to an interface
	if open := boot.Get("openRelay"); open.Type() == js.TypeFunction && bridgeRelays(open, logLine) {
		node.RaiseMTU()
	}
	boot.Call("ready", newClient(logLine).object())
	select {}
}

// lineWriter hands what the log package prints to a function, line by line.
type lineWriter func(string)

func (w lineWriter) Write(b []byte) (int, error) {
	w(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}
