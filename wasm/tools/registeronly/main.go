// Registeronly registers a node with a key and leaves without ever asking for its map, which no stock client does: the
// browser whose tab is closed in that moment. Headscale 0.29 forgets such nodes, so the control server's tests make one.
//
// Usage: registeronly CONTROL_URL AUTH_KEY HOSTNAME
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"tailscale.com/control/controlclient"
	"tailscale.com/health"
	"tailscale.com/hostinfo"
	"tailscale.com/net/netmon"
	"tailscale.com/net/tsdial"
	"tailscale.com/types/key"
	"tailscale.com/types/logger"
	"tailscale.com/util/eventbus"
)

// loginTimeout is generous: Headscale checks the key with bcrypt, on a busy machine in seconds.
const loginTimeout = 30 * time.Second

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: registeronly CONTROL_URL AUTH_KEY HOSTNAME")
		os.Exit(2)
	}
	if err := register(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "register:", err)
		os.Exit(1)
	}
}

func register(controlURL, authKey, hostname string) error {
	bus := eventbus.New()
	defer bus.Close()
	dialer := tsdial.NewDialer(netmon.NewStatic())
	dialer.SetBus(bus)
	defer dialer.Close()
	machine := key.NewMachine()
	info := hostinfo.New()
	info.Hostname = hostname
	info.BackendLogID = "none" // clients have one; Headscale does not look at it
	client, err := controlclient.NewDirect(controlclient.Options{
		GetMachinePrivateKey: func() (key.MachinePrivate, error) { return machine, nil },
		ServerURL:            controlURL,
		AuthKey:              authKey,
		Hostinfo:             info,
		DiscoPublicKey:       key.NewDisco().Public(),
		Logf:                 logger.Discard,
		HealthTracker:        health.NewTracker(bus),
		Dialer:               dialer,
		Bus:                  bus,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), loginTimeout)
	defer cancel()
	url, err := client.TryLogin(ctx, controlclient.LoginDefault)
	if err == nil && url != "" {
		return fmt.Errorf("the key was not enough: a person should open %s", url)
	}
	return err
}
