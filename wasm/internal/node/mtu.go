package node

import (
	"strconv"

	"tailscale.com/envknob"
)

// mtu is the size of a packet in the tunnel, in bytes: what the largest packet of SSH (32 KiB) needs, with all headers. What a
// transfer costs is nearly all per packet, and Tailscale's 1280 is made for UDP; here everything goes over the relay's
// TCP, which takes 64 KiB. The queues of 32 packets on the way hold more so, too. Hubs that we start have the same; with
// others, TCP agrees on theirs.
const mtu = 33000

// RaiseMTU sets it for every unit of the process. It is for the browser behind our own bridge: a program that can send UDP
// must not use it, and Tailscale's own WebSocket takes no message above 32,768 bytes.
func RaiseMTU() { envknob.Setenv("TS_DEBUG_MTU", strconv.Itoa(mtu)) }
