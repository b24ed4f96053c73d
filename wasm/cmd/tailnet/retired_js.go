//go:build js && wasm

package main

import (
	"syscall/js"

	"hubtab/wasm/internal/fault"
)

// leftUnit and closedChannel stand in for the methods of what is over; see methods.retire.
var (
	leftUnit = map[string]js.Func{
		"leave": resolved, "stop": resolved, "ping": rejected(fault.Left, "the unit was left"),
		"open": rejected(fault.Left, "the unit was left"), "dial": rejected(fault.Left, "the unit was left"), "self": answer(nothingSelf), "peers": answer(noPeers),
		"onState": ignored, "onPeers": ignored, "onHostKey": ignored, "onStateBytes": ignored,
	}
	closedChannel = map[string]js.Func{
		"write": rejected(fault.ConnectionLost, "write: the channel is over"),
		"end":   resolved, "grant": ignored, "onData": ignored, "onStderr": ignored, "resize": ignored, "close": ignored,
	}
)

var (
	ignored  = answer(func() any { return nil })
	resolved = answer(func() any {
		promise, resolve, _ := newPromise()
		resolve(nil)
		return promise
	})
)

func nothingSelf() any {
	return map[string]any{"ips": []any{}, "nodeKey": "", "nodeId": ""}
}

func noPeers() any { return []any{} }

func rejected(code fault.Code, message string) js.Func {
	return answer(func() any {
		promise, _, reject := newPromise()
		reject(fault.New(code, "%s", message))
		return promise
	})
}

func answer(value func() any) js.Func {
	return js.FuncOf(func(js.Value, []js.Value) any { return value() })
}
