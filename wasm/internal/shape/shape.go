// Package shape builds the plain objects that cross into JavaScript, as the maps and lists that syscall/js converts.
// node.d.ts has their types; tests/fixtures/tailnet-shapes.json, written by this package's test, holds one of each, and
// the TypeScript tests read it.
package shape

import (
	"time"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/node"
	"hubtab/wasm/internal/sshx"
)

// Object is a plain object.
type Object = map[string]any

// Error returns the properties of a TailnetError. The outermost message is kept, it says which call failed.
func Error(err error) Object {
	named := fault.From(err)
	value := Object{"name": "TailnetError", "message": err.Error(), "code": string(named.Code)}
	if k := named.HostKey; k != nil {
		report := Object{
			"offered": k.Offered, "type": k.Type, "registered": Texts(k.Registered), "netmap": Texts(k.Netmap), "against": Texts(k.Against),
		}
		if k.Seen != "" {
			report["seen"] = k.Seen
		}
		value["hostKey"] = report
	}
	return value
}

// State returns a UnitState.
func State(s node.State) Object {
	switch s.Kind {
	case node.KindFailed:
		return Object{"kind": s.Kind, "code": string(s.Code), "message": s.Message}
	case node.KindReconnecting:
		return Object{"kind": s.Kind, "reason": s.Reason}
	default:
		return Object{"kind": s.Kind}
	}
}

// Self returns what Unit.self answers.
func Self(s node.Self) Object {
	return Object{"ips": Texts(s.IPs), "nodeKey": s.NodeKey, "nodeId": s.NodeID}
}

// Peers returns Peer[].
func Peers(peers []node.Peer) []any {
	values := []any{}
	for _, p := range peers {
		value := Object{
			"name": p.Name, "ips": Texts(p.IPs), "nodeKey": p.NodeKey, "online": p.Online, "isHub": p.IsHub,
		}
		if !p.LastSeen.IsZero() {
			value["lastSeenMs"] = float64(p.LastSeen.UnixMilli())
		}
		values = append(values, value)
	}
	return values
}

// End returns a ChannelEnd.
func End(end sshx.End) Object {
	value := Object{"reason": end.Reason}
	if end.HasCode {
		value["code"] = end.Code
	}
	if end.Signal != "" {
		value["signal"] = end.Signal
	}
	return value
}

// Ping returns what Unit.ping answers.
func Ping(rtt time.Duration, via string) Object {
	return Object{"rttMs": float64(rtt.Microseconds()) / 1000, "via": via}
}

// UnitStats returns a UnitStats.
func UnitStats(id string, s node.Stats) Object {
	mistakes := []any{}
	for _, e := range s.Errors {
		mistakes = append(mistakes, Object{
			"atMs": float64(e.At.UnixMilli()), "what": e.What, "code": string(e.Code), "text": e.Text,
		})
	}
	value := Object{
		"id": id, "state": s.State, "sshConnections": s.SSHConnections, "channels": s.Channels,
		"relay": s.Relay, "clockAheadMs": float64(s.ClockAhead.Milliseconds()), "errors": mistakes,
	}
	if s.Ping != nil {
		ping := Ping(s.Ping.RTT, s.Ping.Via)
		ping["atMs"] = float64(s.Ping.At.UnixMilli())
		value["ping"] = ping
	}
	return value
}

// Texts returns string[].
func Texts(list []string) []any {
	values := make([]any, len(list))
	for i, s := range list {
		values[i] = s
	}
	return values
}
