package node

import (
	"os"
	"strconv"

	"tailscale.com/net/packet"
	"tailscale.com/net/tstun"
	"tailscale.com/types/ipproto"
	"tailscale.com/wgengine/filter"

	"hubtab/wasm/internal/ackthin"
)

// defaultAckEvery is how many acknowledgements become one; 1 leaves them alone. 8 makes downloads in a browser about a third
// faster; more gained nothing further.
const defaultAckEvery = 8

// ackEvery reads the switch HUBTAB_ACK_EVERY from the environment.
func ackEvery() int {
	if n, err := strconv.Atoi(os.Getenv("HUBTAB_ACK_EVERY")); err == nil && n > 0 {
		return n
	}
	return defaultAckEvery
}

// thinAcks makes a node acknowledge less. The field is meant for another feature of Tailscale, which is not built in; it
// is the one hook that sees what netstack sends.
func thinAcks(tun *tstun.Wrapper, every int) {
	if every <= 1 || tun.PreFilterPacketOutboundToWireGuardAppConnectorIntercept != nil {
		return
	}
	thinner := ackthin.New(every, func(b []byte) { tun.InjectOutbound(b) })
	tun.PreFilterPacketOutboundToWireGuardAppConnectorIntercept = func(p *packet.Parsed, _ *tstun.Wrapper) filter.Response {
		if p.IPProto == ipproto.TCP && thinner.Drops(p.Src, p.Dst, p.Buffer()) {
			return filter.DropSilently
		}
		return filter.Accept
	}
}
