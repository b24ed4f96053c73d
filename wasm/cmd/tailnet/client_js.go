//go:build js && wasm

package main

import (
	"runtime"
	"sync"
	"syscall/js"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/node"
	"hubtab/wasm/internal/shape"
)

// client is the TailnetClient of node.d.ts.
type client struct {
	log   func(line string)
	mu    sync.Mutex
	units []*node.Unit
}

func newClient(log func(line string)) *client { return &client{log: log} }

// object returns the JavaScript side. Its functions live as long as the program.
func (c *client) object() js.Value {
	return newMethods(c.log).
		async("join", c.join).
		void("kick", c.kick).
		sync("stats", c.stats).
		object
}

func (c *client) join(args []js.Value) (work, error) {
	cfg, err := parseUnitConfig(arg(args, 0))
	if err != nil {
		return nil, err
	}
	logf := func(format string, args ...any) { c.log(formatLine(cfg.ID, format, args)) }
	return func() (any, error) {
		unit, err := node.Join(logf, cfg, node.DefaultTiming)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.units = append(c.units, unit)
		c.mu.Unlock()
		return newUnit(c, unit), nil
	}, nil
}

func (c *client) forget(unit *node.Unit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, u := range c.units {
		if u == unit {
			c.units = append(c.units[:i], c.units[i+1:]...)
			return
		}
	}
}

func (c *client) joined() []*node.Unit {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*node.Unit(nil), c.units...)
}

func (c *client) kick(args []js.Value) error {
	reason := arg(args, 0)
	if reason.Type() != js.TypeString {
		return fault.New(fault.BadArgument, "reason: expected a string, got %s", reason.Type())
	}
	c.log("kick: " + reason.String())
	for _, unit := range c.joined() {
		go unit.Kick()
	}
	return nil
}

func (c *client) stats([]js.Value) any {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	units := []any{}
	for _, unit := range c.joined() {
		units = append(units, shape.UnitStats(unit.ID(), unit.Stats()))
	}
	stats := map[string]any{
		"heapBytes": float64(memory.HeapAlloc), "sysBytes": float64(memory.Sys),
		"goroutines": runtime.NumGoroutine(), "collections": float64(memory.NumGC), "units": units,
	}
	if p := fault.LastPanic(); p != nil {
		stats["lastPanic"] = map[string]any{"atMs": float64(p.At.UnixMilli()), "text": p.Text}
	}
	return stats
}
