package node

import (
	"context"
	"reflect"
	"sync"
	"time"

	"tailscale.com/control/controlclient"
	"tailscale.com/ipn/ipnlocal"
)

// redialEvery bounds how long a broken control connection waits before it is tried again, and how long one try takes:
// the two look alike from here. Tailscale's own back-off grows to 45 s and, worse, holds the control client's lock
// meanwhile (v1.102.5, mapRoutine in control/controlclient/auto.go), so that whatever asks LocalBackend to talk to
// control hangs as long.
const redialEvery = 10 * time.Second

// field returns where a private field is; nil if it is not there or has another type: a new version has renamed it, and the
// test of a broken control connection fails.
func field[T any](object any, name string) *T {
	value := reflect.ValueOf(object).Elem().FieldByName(name)
	if !value.IsValid() || value.Type() != reflect.TypeFor[T]() {
		return nil
	}
	return (*T)(value.Addr().UnsafePointer())
}

// controlClient returns the control client of lb; nil before it has started. LocalBackend has no getter for it.
func controlClient(lb *ipnlocal.LocalBackend) *controlclient.Auto {
	if client := field[*controlclient.Auto](lb, "ccAuto"); client != nil {
		return *client
	}
	return nil
}

// redial ends the map poll that runs, or the back-off after the one that failed; the next one begins at once. The exported
// ways to do so take the lock that the back-off holds. If that is why we do not get it, its holder waits for the context
// that we cancel last, and sees what we wrote before.
func (b *backend) redial() {
	client := controlClient(b.lb)
	if client == nil {
		return
	}
	lock, mapContext, mapCancel := field[sync.Mutex](client, "mu"), field[context.Context](client, "mapCtx"), field[func()](client, "mapCancel")
	if lock == nil || mapContext == nil || mapCancel == nil {
		return
	}
	b.redialing.Lock()
	defer b.redialing.Unlock()
	if lock.TryLock() {
		defer lock.Unlock()
	}
	cancel := *mapCancel
	*mapContext, *mapCancel = context.WithCancel(context.Background())
	cancel()
}
