package node

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"time"

	"tailscale.com/ipn/ipnstate"
	"tailscale.com/tailcfg"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/sshx"
)

// sshPort is where tailscaled serves Tailscale SSH, and the only port that the policy opens.
const sshPort = 22

// recheckEvery is how often a broken control connection is looked at; the look is a mutex and a boolean.
const recheckEvery = 500 * time.Millisecond

// Open starts a channel on the hub; see sshx.Pool.Open.
func (u *Unit) Open(user string, r sshx.Request, timeout time.Duration, progress sshx.Progress) (*sshx.Channel, error) {
	if state := u.state.Get(); state.Kind == KindFailed && u.ctx.Err() == nil {
		return nil, fault.New(state.Code, "%s", state.Message)
	}
	ch, err := u.pool.Open(user, r, timeout, progress)
	return ch, u.explain("open", err)
}

// Dial connects to a TCP port as the hub sees it; see sshx.Pool.Dial.
func (u *Unit) Dial(user, host string, port uint32, timeout time.Duration) (*sshx.Channel, error) {
	if state := u.state.Get(); state.Kind == KindFailed && u.ctx.Err() == nil {
		return nil, fault.New(state.Code, "%s", state.Message)
	}
	ch, err := u.pool.Dial(user, host, port, timeout)
	return ch, u.explain("dial", err)
}

// explain names the clock where it is the cause, and notes the error for the diagnostics.
func (u *Unit) explain(what string, err error) error {
	if err == nil || u.ctx.Err() != nil {
		return err
	}
	err = u.backend.clock.explain(err)
	u.errors.note(what, err)
	return err
}

// dialHub opens TCP to the hub's SSH port.
func (u *Unit) dialHub(ctx context.Context) (net.Conn, error) {
	ip, err := u.hubIP()
	if err != nil {
		return nil, err
	}
	conn, err := u.backend.ns.DialContextTCP(ctx, netip.AddrPortFrom(ip, sshPort))
	if err != nil {
		if strings.Contains(err.Error(), "connection was refused") {
			return nil, fault.New(fault.AccessDenied, "the hub serves no SSH: %w", err)
		}
		return nil, fault.New(fault.HubUnreachable, "dial the hub: %w", err)
	}
	return conn, nil
}

// hubIP returns the hub's address. It fails if the hub is missing or known to be offline; if Headscale never said, we try.
func (u *Unit) hubIP() (netip.Addr, error) {
	hub, ok := u.findHub()
	if !ok {
		return netip.Addr{}, fault.New(fault.HubNotFound, "no node of the unit has the hub's key")
	}
	if online, known := hub.Online().GetOk(); known && !online {
		return netip.Addr{}, fault.New(fault.HubOffline, "the hub is not connected")
	}
	if hub.Addresses().Len() == 0 {
		return netip.Addr{}, fault.New(fault.HubNotFound, "the hub has no address")
	}
	return hub.Addresses().At(0).Addr(), nil
}

// hubHostKeys returns the host key lines that the hub told Headscale.
func (u *Unit) hubHostKeys() []string {
	hub, ok := u.findHub()
	if !ok {
		return nil
	}
	return hub.Hostinfo().SSH_HostKeys().AsSlice()
}

// Ping measures a round trip to the hub inside the tunnel. via is the relay's region code.
func (u *Unit) Ping() (rtt time.Duration, via string, err error) {
	if rtt, via, err = u.ping(); err != nil {
		return 0, "", u.explain("ping", err)
	}
	u.lastPing.Store(&PingStats{RTT: rtt, Via: via, At: time.Now()})
	return rtt, via, nil
}

func (u *Unit) ping() (rtt time.Duration, via string, err error) {
	if u.ctx.Err() != nil {
		return 0, "", fault.New(fault.Left, "the unit was left")
	}
	ip, err := u.hubIP()
	if err != nil {
		return 0, "", err
	}
	ctx, cancel := context.WithTimeout(u.ctx, u.timing.Ping)
	defer cancel()
	// TSMP, since disco pings are never answered in a browser.
	result, err := u.backend.lb.Ping(ctx, ip, tailcfg.PingTSMP, 0)
	if u.ctx.Err() != nil {
		return 0, "", fault.New(fault.Left, "the unit was left")
	}
	if err != nil {
		return 0, "", fault.New(fault.HubUnreachable, "ping: %w", err)
	}
	if result.Err != "" {
		return 0, "", fault.New(fault.HubUnreachable, "ping: %s", result.Err)
	}
	return time.Duration(result.LatencySeconds * float64(time.Second)), u.via(result), nil
}

// via returns the region code of the relay that leads to the hub: what the ping says or, since TSMP pings say nothing,
// the hub's home relay.
func (u *Unit) via(result *ipnstate.PingResult) string {
	if result.DERPRegionCode != "" {
		return result.DERPRegionCode
	}
	if hub, ok := u.findHub(); ok {
		return u.regionCode(hub)
	}
	return ""
}

func (u *Unit) regionCode(hub tailcfg.NodeView) string {
	nm := u.backend.lb.NetMapNoPeers()
	if nm == nil || nm.DERPMap == nil {
		return ""
	}
	if region := nm.DERPMap.Regions[hub.HomeDERP()]; region != nil {
		return region.RegionCode
	}
	return ""
}
