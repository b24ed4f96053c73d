package node

import (
	"reflect"
	"time"
	_ "unsafe" // for go:linkname

	"tailscale.com/control/controlclient"
	"tailscale.com/ipn/ipnlocal"
)

// redialEvery bounds how long a broken control connection waits before it is tried again, and how long one try takes:
// the two look alike from here. Tailscale's own back-off grows to 45 s and, worse, holds the control client's lock
// meanwhile (v1.102.5, mapRoutine in control/controlclient/auto.go), so that whatever asks LocalBackend to talk to
// control hangs as long.
const redialEvery = 10 * time.Second

// cancelMapContext ends the map poll that runs, or the back-off after the one that failed; the next one begins at once.
// The exported ways to do so take the lock that the back-off holds. Without it, the two fields that are written have at
// most one other writer, and on WebAssembly goroutines run one at a time and switch only at calls.
//
//go:linkname cancelMapContext tailscale.com/control/controlclient.(*Auto).cancelMapCtxLocked
func cancelMapContext(*controlclient.Auto)

// controlClient returns the control client of lb; nil before it has started. LocalBackend has no getter for it.
func controlClient(lb *ipnlocal.LocalBackend) *controlclient.Auto {
	field := reflect.ValueOf(lb).Elem().FieldByName("ccAuto")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*controlclient.Auto]() {
		return nil // a new version has renamed it: the test of a broken control connection fails
	}
	return (*controlclient.Auto)(field.UnsafePointer())
}

// redial polls control anew at once.
func (b *backend) redial() {
	if client := controlClient(b.lb); client != nil {
		cancelMapContext(client)
	}
}
