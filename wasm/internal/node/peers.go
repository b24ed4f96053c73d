package node

import (
	"strings"
	"time"

	"tailscale.com/tailcfg"
)

// Peer is another node of the unit; see Peer in node.d.ts.
type Peer struct {
	Name     string
	IPs      []string
	NodeKey  string
	Online   bool
	LastSeen time.Time // zero if Headscale never said
	IsHub    bool
}

// Self is the unit's own node.
type Self struct {
	IPs     []string
	NodeKey string
	NodeID  string
}

func (b *backend) selfIPs() []string {
	return b.self().IPs
}

func (b *backend) self() Self {
	nm := b.lb.NetMapNoPeers()
	if nm == nil || !nm.SelfNode.Valid() {
		return Self{}
	}
	return Self{IPs: addressesOf(nm.SelfNode), NodeKey: nm.SelfNode.Key().String(), NodeID: string(nm.SelfNode.StableID())}
}

// peers returns the netmap's peers in its order, which is that of node ids.
func (u *Unit) currentPeers() []Peer {
	peers := []Peer{}
	nm := u.backend.lb.NetMapWithPeers()
	if nm == nil {
		return peers
	}
	for _, p := range nm.Peers {
		online, _ := p.Online().GetOk()
		lastSeen, _ := p.LastSeen().GetOk()
		peers = append(peers, Peer{
			Name:     peerName(p),
			IPs:      addressesOf(p),
			NodeKey:  p.Key().String(),
			Online:   online,
			LastSeen: lastSeen,
			IsHub:    p.Key() == u.hub.nodeKey,
		})
	}
	return peers
}

// findHub returns the hub's node in the netmap.
func (u *Unit) findHub() (tailcfg.NodeView, bool) {
	if nm := u.backend.lb.NetMapWithPeers(); nm != nil {
		for _, p := range nm.Peers {
			if p.Key() == u.hub.nodeKey {
				return p, true
			}
		}
	}
	return tailcfg.NodeView{}, false
}

// peerName is the first label of the name in the netmap: without MagicDNS there is no more than that.
func peerName(p tailcfg.NodeView) string {
	if name, _, _ := strings.Cut(p.Name(), "."); name != "" {
		return name
	}
	return p.Hostinfo().Hostname()
}

func addressesOf(n tailcfg.NodeView) []string {
	ips := []string{}
	for _, prefix := range n.Addresses().All() {
		ips = append(ips, prefix.Addr().String())
	}
	return ips
}
