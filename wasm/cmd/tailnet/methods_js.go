//go:build js && wasm

package main

import (
	"fmt"
	"syscall/js"

	"hubtab/wasm/internal/fault"
)

// work is the part of a call that may take time. It runs in its own goroutine.
type work func() (any, error)

// methods builds a JavaScript object and owns the functions on it.
type methods struct {
	object js.Value
	log    func(string)
	funcs  map[string]js.Func
}

func newMethods(log func(string)) *methods {
	return &methods{object: js.Global().Get("Object").New(), log: log, funcs: map[string]js.Func{}}
}

func (m *methods) set(name string, call func(args []js.Value) any) *methods {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any { return call(args) })
	m.funcs[name] = f
	m.object.Set(name, f)
	return m
}

// async adds a method that returns a promise. begin reads the arguments before the call returns, since the caller may
// change them afterwards; it must not block, and neither may anything else that runs inside a call from JavaScript: the
// event loop would never return to what is waited for.
func (m *methods) async(name string, begin func(args []js.Value) (work, error)) *methods {
	return m.set(name, func(args []js.Value) any {
		promise, resolve, reject := newPromise()
		run, err := fault.Protect(func() (work, error) { return begin(args) })
		if err != nil {
			reject(fmt.Errorf("%s: %w", name, err))
			return promise
		}
		go func() {
			value, err := fault.Protect(run)
			if err != nil {
				reject(err)
				return
			}
			resolve(value)
		}()
		return promise
	})
}

// void adds a method without a result. Its errors can only be logged.
func (m *methods) void(name string, call func(args []js.Value) error) *methods {
	return m.set(name, func(args []js.Value) any {
		if _, err := fault.Protect(func() (any, error) { return nil, call(args) }); err != nil {
			m.log(fmt.Sprintf("%s: %v", name, err))
		}
		return nil
	})
}

// sync adds a method that answers at once.
func (m *methods) sync(name string, call func(args []js.Value) any) *methods {
	return m.set(name, func(args []js.Value) any {
		value, err := fault.Protect(func() (any, error) { return call(args), nil })
		if err != nil {
			m.log(fmt.Sprintf("%s: %v", name, err))
		}
		return value
	})
}

// retire replaces each method by a shared one that lives for ever, and releases ours: late calls stay harmless and
// nothing of a closed channel is kept.
func (m *methods) retire(replacements map[string]js.Func) {
	for name, f := range m.funcs {
		m.object.Set(name, replacements[name])
		f.Release()
	}
	m.funcs = nil
}
