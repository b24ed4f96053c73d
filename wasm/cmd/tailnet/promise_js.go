//go:build js && wasm

package main

import (
	"syscall/js"

	"hubtab/wasm/internal/fault"
)

// newPromise returns a promise and the two ways to settle it.
func newPromise() (promise js.Value, resolve func(any), reject func(error)) {
	var onResolve, onReject js.Value
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		onResolve, onReject = args[0], args[1]
		return nil
	})
	promise = js.Global().Get("Promise").New(executor) // calls executor before it returns
	executor.Release()
	resolve = func(value any) {
		if value == nil {
			value = js.Undefined() // nil would become null, which is not void
		}
		onResolve.Invoke(value)
	}
	reject = func(err error) { onReject.Invoke(newError(err)) }
	return promise, resolve, reject
}

// newError makes a TailnetError. The outermost message is kept, it says which call failed.
func newError(err error) js.Value {
	named := fault.From(err)
	value := js.Global().Get("Error").New(err.Error())
	value.Set("name", "TailnetError")
	value.Set("code", string(named.Code))
	if named.Offered != "" {
		value.Set("offered", named.Offered)
	}
	if named.Code == fault.HostKeyMismatch {
		value.Set("known", textArray(named.Known))
	}
	return value
}

func textArray(list []string) []any {
	values := make([]any, len(list))
	for i, s := range list {
		values[i] = s
	}
	return values
}

// newBytes copies b into a Uint8Array that belongs to JavaScript.
func newBytes(b []byte) js.Value {
	array := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(array, b)
	return array
}
