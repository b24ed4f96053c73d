//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall/js"
	_ "unsafe" // for go:linkname

	_ "tailscale.com/derp/derphttp" // declares dialWebsocketFunc

	"hubtab/wasm/internal/relay"
)

// dialWebsocketFunc is the variable that derphttp dials its WebSockets with. TestWhatWeLinkToByNameStillExists pins it.
//
//go:linkname dialWebsocketFunc tailscale.com/derp/derphttp.dialWebsocketFunc
var dialWebsocketFunc func(ctx context.Context, url string) (net.Conn, error)

// bridgeRelays makes Tailscale's relay connections go through open, which is openRelay of TailnetBoot in node.d.ts. If
// the variable is not the one that derphttp set, a new version has renamed it: relays then work as they always did, and it
// returns false.
func bridgeRelays(open js.Value, log func(string)) bool {
	if dialWebsocketFunc == nil {
		log("relay: derphttp.dialWebsocketFunc is not what it was, relays are not bridged")
		return false
	}
	dialWebsocketFunc = func(ctx context.Context, url string) (net.Conn, error) { return dialRelay(ctx, open, url) }
	return true
}

// socket is the RelaySocket of node.d.ts.
type socket struct {
	object js.Value
	// buffer is where the bytes of the next message go: an array that JavaScript owns.
	buffer js.Value
	funcs  []js.Func
}

func (s *socket) Send(b []byte) int {
	js.CopyBytesToJS(s.buffer, b)
	return s.object.Call("send", len(b)).Int()
}

func (s *socket) Unsent() int { return s.object.Call("unsent").Int() }
func (s *socket) Resume()     { s.object.Call("resume") }

// Close may be called twice. JavaScript calls none of our functions afterwards.
func (s *socket) Close() {
	if !s.object.IsUndefined() {
		s.object.Call("close")
	}
	for _, f := range s.funcs {
		f.Release()
	}
	s.funcs = nil
}

// dialRelay opens a socket and waits until it is open.
func dialRelay(ctx context.Context, open js.Value, url string) (conn net.Conn, err error) {
	s := &socket{}
	c := relay.NewConn(s, url)
	defer func() {
		if r := recover(); r != nil { // what open throws: the address is not that of any unit's server
			c.Close()
			err = fmt.Errorf("relay %s: %v", url, r)
		}
	}()
	opened := make(chan error, 1)
	sink := js.Global().Get("Object").New()
	set := func(name string, call func(args []js.Value) any) {
		f := js.FuncOf(func(_ js.Value, args []js.Value) any { return call(args) })
		s.funcs = append(s.funcs, f)
		sink.Set(name, f)
	}
	set("opened", func([]js.Value) any { opened <- nil; return nil })
	set("received", func(args []js.Value) any {
		b := make([]byte, args[1].Int())
		js.CopyBytesToGo(b, args[0])
		return c.Receive(b)
	})
	set("closed", func(args []js.Value) any {
		err := fmt.Errorf("relay %s: %s", url, args[0].String())
		c.End(err)
		select {
		case opened <- err:
		default: // it was open
		}
		return nil
	})
	s.object = open.Invoke(url, sink)
	s.buffer = s.object.Get("buffer")
	select {
	case err = <-opened:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		c.Close()
		return nil, errors.Join(fmt.Errorf("relay %s did not open", url), err)
	}
	return c, nil
}
