package node

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"tailscale.com/control/controlclient"
	"tailscale.com/feature/buildfeatures"
	"tailscale.com/ipn"
	"tailscale.com/ipn/ipnauth"
	"tailscale.com/ipn/ipnlocal"
	"tailscale.com/net/tsdial"
	"tailscale.com/tsd"
	"tailscale.com/types/logger"
	"tailscale.com/types/logid"
	"tailscale.com/util/vizerror"
	"tailscale.com/wgengine"
	"tailscale.com/wgengine/netstack"

	"hubtab/wasm/internal/fault"
)

// logoutTimeout bounds the goodbye: Headscale answers in milliseconds, and the caller waits for it.
const logoutTimeout = 10 * time.Second

// backend is one Tailscale client with its own identity and TCP stack: nothing is shared with other units.
type backend struct {
	sys     *tsd.System
	lb      *ipnlocal.LocalBackend
	ns      *netstack.Impl
	dialer  *tsdial.Dialer
	store   *store
	monitor *monitor
	clock   *clock
	cancel  context.CancelFunc

	redialing sync.Mutex
}

// newBackend wires a client that has not started. The order is that of tsnet.Server.start (tailscale.com v1.102.5),
// which cannot be used itself: it wants a file system.
func newBackend(logf logger.Logf, st *store) (*backend, error) {
	mon := newMonitor()
	logf = mon.listenTo(logf)
	sys := tsd.NewSystem()
	sys.Set(ipn.StateStore(st))
	dialer := &tsdial.Dialer{Logf: logf}
	dialer.SetBus(sys.Bus.Get())
	engine, err := wgengine.NewUserspaceEngine(logf, wgengine.Config{
		Dialer:        dialer,
		SetSubsystem:  sys.Set,
		ControlKnobs:  sys.ControlKnobs(),
		HealthTracker: sys.HealthTracker.Get(),
		ExtraRootCAs:  sys.ExtraRootCAs,
		Metrics:       sys.UserMetricsRegistry(),
		EventBus:      sys.Bus.Get(),
	})
	if err != nil {
		sys.Bus.Get().Close()
		return nil, fault.New(fault.Internal, "make engine: %w", err)
	}
	sys.Set(engine)
	sys.HealthTracker.Get().SetMetricsRegistry(sys.UserMetricsRegistry())
	b := &backend{sys: sys, dialer: dialer, store: st, monitor: mon, clock: newClock(sys.Bus.Get())}
	if err := b.attachNetstack(logf, engine); err != nil {
		b.clock.close()
		engine.Close()
		sys.Bus.Get().Close()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	go mon.follow(ctx, b.lb)
	return b, nil
}

func (b *backend) attachNetstack(logf logger.Logf, engine wgengine.Engine) error {
	ns, err := netstack.Create(logf, b.sys.Tun.Get(), engine, b.sys.MagicSock.Get(), b.dialer, b.sys.DNSManager.Get(), b.sys.ProxyMapper())
	if err != nil {
		return fault.New(fault.Internal, "make netstack: %w", err)
	}
	b.sys.Set(ns)
	ns.ProcessLocalIPs = true
	ns.ProcessSubnets = true
	ns.GetTCPHandlerForFlow = func(src, dst netip.AddrPort) (func(net.Conn), bool) { return nil, true } // we serve nothing
	b.dialer.UseNetstackForIP = func(netip.Addr) bool { return true }
	b.dialer.NetstackDialTCP = func(ctx context.Context, dst netip.AddrPort) (net.Conn, error) {
		conn, err := ns.DialContextTCP(ctx, dst)
		if err != nil {
			return nil, err // not conn: a nil *gonet.TCPConn in an interface crashes callers
		}
		return conn, nil
	}
	b.dialer.NetstackDialUDP = func(ctx context.Context, dst netip.AddrPort) (net.Conn, error) {
		conn, err := ns.DialContextUDP(ctx, dst)
		if err != nil {
			return nil, err // as above
		}
		return conn, nil
	}
	b.sys.NetstackRouter.Set(true)
	thinAcks(b.sys.Tun.Get(), ackEvery())
	b.sys.Tun.Get().Start()
	lb, err := ipnlocal.NewLocalBackend(logf, logid.PublicID{}, b.sys, controlclient.LoginDefault)
	if err != nil {
		return fault.New(fault.Internal, "make backend: %w", err)
	}
	if err := ns.Start(lb); err != nil {
		lb.Shutdown()
		return fault.New(fault.Internal, "start netstack: %w", err)
	}
	b.ns, b.lb = ns, lb
	return nil
}

// start begins to connect to control. authKey, if empty, means that the store holds an identity.
func (b *backend) start(cfg Config, authKey string) error {
	prefs := ipn.NewPrefs()
	prefs.ControlURL = cfg.ControlURL
	prefs.Hostname = cfg.Hostname
	prefs.WantRunning = true
	prefs.CorpDNS = false
	prefs.RouteAll = false
	prefs.ShieldsUp = true // nothing connects in
	if err := b.lb.Start(ipn.Options{UpdatePrefs: prefs, AuthKey: authKey}); err != nil {
		return fault.New(fault.Internal, "start backend: %w", err)
	}
	return nil
}

// logOut tells control that the node is gone for good. Headscale deletes an ephemeral node at once. A node that control
// does not know any more is as good as logged out.
func (b *backend) logOut() error {
	ctx, cancel := context.WithTimeout(context.Background(), logoutTimeout)
	defer cancel()
	if err := b.lb.Logout(ctx, ipnauth.Self); err != nil {
		if _, answered := vizerror.As(err); answered {
			return nil // such errors are control's own words, "authkey already used" in this case
		}
		return fault.New(fault.ControlUnreachable, "log out: %w", err)
	}
	return nil
}

// close ends everything that newBackend began.
func (b *backend) close() {
	b.cancel()
	b.ns.Close()
	b.lb.Shutdown()
	closeDialer(b.dialer)
	b.clock.close()
	b.sys.Bus.Get().Close()
	b.store.exported.Close()
}

// closeDialer closes d. Built without peerapiclient, v1.102.5 panics as the last thing that Close does, when all else is
// closed (net/tsdial/tsdial.go:207 wants the idle connections of a client that the build does not have).
func closeDialer(d *tsdial.Dialer) {
	if !buildfeatures.HasPeerAPIClient {
		defer func() { recover() }()
	}
	d.Close()
}
