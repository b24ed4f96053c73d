//go:build js && wasm

package main

import (
	"syscall/js"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/node"
	"hubtab/wasm/internal/shape"
	"hubtab/wasm/internal/sshx"
)

// unit is the Unit of node.d.ts.
type unit struct {
	client  *client
	node    *node.Unit
	methods *methods
}

func newUnit(c *client, n *node.Unit) js.Value {
	u := &unit{client: c, node: n}
	u.methods = newMethods(c.log).
		async("leave", u.end(n.Leave)).
		async("stop", u.end(n.Stop)).
		sync("self", func([]js.Value) any { return shape.Self(n.Self()) }).
		sync("peers", func([]js.Value) any { return shape.Peers(n.Peers()) }).
		async("ping", u.ping).
		async("open", u.open).
		async("dial", u.dial).
		void("onState", u.onState).
		void("onPeers", u.onPeers).
		void("onHostKey", u.onHostKey).
		void("onStateBytes", u.onStateBytes)
	return u.methods.object
}

func (u *unit) end(how func() error) func([]js.Value) (work, error) {
	return func([]js.Value) (work, error) {
		return func() (any, error) {
			err := how()
			u.client.forget(u.node)
			if u.methods.funcs != nil {
				u.methods.retire(leftUnit)
			}
			return nil, err
		}, nil
	}
}

func (u *unit) ping([]js.Value) (work, error) {
	return func() (any, error) {
		rtt, via, err := u.node.Ping()
		if err != nil {
			return nil, err
		}
		return shape.Ping(rtt, via), nil
	}, nil
}

func (u *unit) open(args []js.Value) (work, error) {
	o, err := parseOpenOptions(arg(args, 0))
	if err != nil {
		return nil, err
	}
	progress := sshx.Progress{
		OnStep:   func(step sshx.Step) { callBack(u.client.log, o.onStep, string(step)) },
		OnBanner: func(text string) { callBack(u.client.log, o.onBanner, text) },
	}
	return func() (any, error) {
		ch, err := u.node.Open(o.user, o.request, o.timeout, progress)
		if err != nil {
			return nil, err
		}
		return newChannel(u.client.log, ch), nil
	}, nil
}

func (u *unit) dial(args []js.Value) (work, error) {
	o, err := parseDialOptions(arg(args, 0))
	if err != nil {
		return nil, err
	}
	return func() (any, error) {
		ch, err := u.node.Dial(o.user, o.host, o.port, o.timeout)
		if err != nil {
			return nil, err
		}
		return newChannel(u.client.log, ch), nil
	}, nil
}

func (u *unit) onState(args []js.Value) error {
	f, err := parseCallback(args)
	if err != nil {
		return err
	}
	u.node.OnState(func(s node.State) { callBack(u.client.log, f, shape.State(s)) })
	return nil
}

func (u *unit) onPeers(args []js.Value) error {
	f, err := parseCallback(args)
	if err != nil {
		return err
	}
	u.node.OnPeers(func(peers []node.Peer) { callBack(u.client.log, f, shape.Peers(peers)) })
	return nil
}

func (u *unit) onHostKey(args []js.Value) error {
	f, err := parseCallback(args)
	if err != nil {
		return err
	}
	u.node.OnHostKey(func(line string) { callBack(u.client.log, f, line) })
	return nil
}

func (u *unit) onStateBytes(args []js.Value) error {
	f, err := parseCallback(args)
	if err != nil {
		return err
	}
	u.node.OnStateBytes(func(state []byte) { callBack(u.client.log, f, newBytes(state)) })
	return nil
}

func parseCallback(args []js.Value) (js.Value, error) {
	f := arg(args, 0)
	if f.Type() != js.TypeFunction {
		return f, fault.New(fault.BadArgument, "callback: expected a function, got %s", f.Type())
	}
	return f, nil
}

// callBack calls a JavaScript function, if there is one. What it throws is its own bug: we log it and go on.
func callBack(log func(string), f js.Value, value any) {
	if f.Type() != js.TypeFunction {
		return
	}
	if _, err := fault.Protect(func() (any, error) { return f.Invoke(value), nil }); err != nil {
		log("callback: " + err.Error())
	}
}
