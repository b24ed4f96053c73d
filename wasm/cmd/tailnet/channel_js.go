//go:build js && wasm

package main

import (
	"sync"
	"syscall/js"

	"hubtab/wasm/internal/shape"
	"hubtab/wasm/internal/sshx"
)

// channel is the Channel of node.d.ts.
type channel struct {
	ssh     *sshx.Channel
	log     func(string)
	methods *methods

	mu       sync.Mutex
	onData   js.Value
	onStderr js.Value
}

func newChannel(log func(string), ssh *sshx.Channel) js.Value {
	c := &channel{ssh: ssh, log: log}
	closed, resolve, _ := newPromise()
	c.methods = newMethods(log).
		async("write", c.write).
		async("end", c.end).
		void("grant", c.grant).
		void("onData", c.setCallback(&c.onData)).
		void("onStderr", c.setCallback(&c.onStderr)).
		void("resize", c.resize).
		void("close", func([]js.Value) error { ssh.Close(); return nil })
	c.methods.object.Set("closed", closed)
	ssh.OnOutput(c.deliver)
	go func() {
		end := ssh.Wait()
		c.methods.retire(closedChannel)
		resolve(shape.End(end))
	}()
	return c.methods.object
}

func (c *channel) write(args []js.Value) (work, error) {
	b, err := parseBytes("bytes", arg(args, 0))
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	c.ssh.Write(b, func(err error) { done <- err })
	return func() (any, error) { return nil, <-done }, nil
}

func (c *channel) end([]js.Value) (work, error) {
	done := make(chan error, 1)
	c.ssh.CloseWrite(func(err error) { done <- err })
	return func() (any, error) { return nil, <-done }, nil
}

func (c *channel) grant(args []js.Value) error {
	n, err := parseNumber(arg(args, 0))
	if err != nil {
		return err
	}
	c.ssh.Grant(n)
	return nil
}

func (c *channel) setCallback(slot *js.Value) func([]js.Value) error {
	return func(args []js.Value) error {
		f, err := parseCallback(args)
		if err != nil {
			return err
		}
		c.mu.Lock()
		*slot = f
		c.mu.Unlock()
		return nil
	}
}

func (c *channel) deliver(stream sshx.Stream, b []byte) {
	c.mu.Lock()
	f := c.onData
	if stream == sshx.Stderr && c.onStderr.Type() == js.TypeFunction {
		f = c.onStderr
	}
	c.mu.Unlock()
	callBack(c.log, f, newBytes(b))
}

func (c *channel) resize(args []js.Value) error {
	var size [4]uint32
	for i := range size {
		if i >= 2 && arg(args, i).IsUndefined() {
			continue // pixels are optional
		}
		n, err := parseNumber(arg(args, i))
		if err != nil {
			return err
		}
		size[i] = uint32(n)
	}
	c.ssh.Resize(sshx.Size{Cols: size[0], Rows: size[1], WidthPx: size[2], HeightPx: size[3]})
	return nil
}
