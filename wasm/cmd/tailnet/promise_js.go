//go:build js && wasm

package main

import (
	"syscall/js"

	"hubtab/wasm/internal/shape"
)

// newPromise returns a promise and the two ways to settle it. It does not enter Go again, as `new Promise` would.
func newPromise() (promise js.Value, resolve func(any), reject func(error)) {
	parts := js.Global().Get("Promise").Call("withResolvers")
	onResolve, onReject := parts.Get("resolve"), parts.Get("reject")
	resolve = func(value any) {
		if value == nil {
			value = js.Undefined() // nil would become null, which is not void
		}
		onResolve.Invoke(value)
	}
	reject = func(err error) { onReject.Invoke(newError(err)) }
	return parts.Get("promise"), resolve, reject
}

// newError makes a TailnetError.
func newError(err error) js.Value {
	properties := shape.Error(err)
	value := js.Global().Get("Error").New(properties["message"])
	for name, property := range properties {
		value.Set(name, property)
	}
	return value
}

// newBytes copies b into a Uint8Array that belongs to JavaScript.
func newBytes(b []byte) js.Value {
	array := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(array, b)
	return array
}
