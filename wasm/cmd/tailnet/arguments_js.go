//go:build js && wasm

package main

import (
	"fmt"
	"math"
	"syscall/js"
	"time"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/node"
	"hubtab/wasm/internal/sshx"
)

// maxInputBytes bounds one array from JavaScript: more would not fit into the queue behind write anyhow.
const maxInputBytes = 4 << 20

// defaultOpenTimeout is what node.d.ts promises when timeoutMs is unset.
const defaultOpenTimeout = 15 * time.Second

// arg returns args[i], undefined if it is missing.
func arg(args []js.Value, i int) js.Value {
	if i >= len(args) {
		return js.Undefined()
	}
	return args[i]
}

// fields reads the properties of an object and keeps the first mistake, which names the field.
type fields struct {
	path   string
	object js.Value
	err    *error
}

func readObject(path string, object js.Value) fields {
	var err error
	if object.Type() != js.TypeObject {
		err = fault.New(fault.BadArgument, "%s: expected an object, got %s", path, object.Type())
		object = js.Global().Get("Object").New()
	}
	return fields{path: path, object: object, err: &err}
}

func (f fields) fail(name, expected string, got js.Value) {
	if *f.err == nil {
		*f.err = fault.New(fault.BadArgument, "%s.%s: expected %s, got %s", f.path, name, expected, got.Type())
	}
}

func (f fields) get(name string) (js.Value, bool) {
	value := f.object.Get(name)
	return value, !value.IsUndefined() && !value.IsNull()
}

func (f fields) text(name string) string {
	value, _ := f.get(name)
	if value.Type() != js.TypeString {
		f.fail(name, "a string", value)
		return ""
	}
	return value.String()
}

// optionalText returns nil if the field is unset.
func (f fields) optionalText(name string) *string {
	if _, ok := f.get(name); !ok {
		return nil
	}
	text := f.text(name)
	return &text
}

// number reads a whole number from 0 to 2^31-1; otherwise is the value of an unset field.
func (f fields) number(name string, otherwise uint32) uint32 {
	value, ok := f.get(name)
	if !ok {
		return otherwise
	}
	n, err := parseNumber(value)
	if err != nil {
		f.fail(name, "a whole number", value)
	}
	return uint32(n)
}

func (f fields) child(name string) fields {
	value, _ := f.get(name)
	child := readObject(f.path+"."+name, value)
	if *f.err == nil {
		*f.err = *child.err
	}
	child.err = f.err
	return child
}

func (f fields) texts(name string) []string {
	value, _ := f.get(name)
	if !js.Global().Get("Array").Call("isArray", value).Bool() {
		f.fail(name, "an array of strings", value)
		return nil
	}
	var list []string
	for i := range value.Length() {
		item := value.Index(i)
		if item.Type() != js.TypeString {
			f.fail(name, "an array of strings", item)
			return nil
		}
		list = append(list, item.String())
	}
	return list
}

// function returns the callback, or undefined.
func (f fields) function(name string) js.Value {
	value, ok := f.get(name)
	if ok && value.Type() != js.TypeFunction {
		f.fail(name, "a function", value)
	}
	return value
}

func parseNumber(value js.Value) (int64, error) {
	if value.Type() == js.TypeNumber {
		if n := value.Float(); n >= 0 && n <= math.MaxInt32 && n == math.Trunc(n) {
			return int64(n), nil
		}
	}
	return 0, fault.New(fault.BadArgument, "expected a whole number from 0 to 2147483647, got %s", value.Type())
}

// parseBytes copies a Uint8Array.
func parseBytes(name string, value js.Value) ([]byte, error) {
	if value.Type() != js.TypeObject || !value.InstanceOf(js.Global().Get("Uint8Array")) {
		return nil, fault.New(fault.BadArgument, "%s: expected a Uint8Array, got %s", name, value.Type())
	}
	n := value.Length()
	if n > maxInputBytes {
		return nil, fault.New(fault.BadArgument, "%s: %d bytes at once, at most %d", name, n, maxInputBytes)
	}
	b := make([]byte, n)
	js.CopyBytesToGo(b, value)
	return b, nil
}

func parseUnitConfig(value js.Value) (node.Config, error) {
	f := readObject("unit", value)
	hub := f.child("hub")
	cfg := node.Config{
		ID: f.text("id"), ControlURL: f.text("controlUrl"), Hostname: f.text("hostname"),
		HubNodeKey: hub.text("nodeKey"), HubKeys: hub.texts("hostKeys"),
	}
	if key := f.optionalText("authKey"); key != nil {
		cfg.AuthKey = *key
	}
	if _, ok := hub.get("trustedHostKeys"); ok {
		cfg.TrustedHostKeys = hub.texts("trustedHostKeys")
	}
	if seen := hub.optionalText("seenHostKey"); seen != nil {
		cfg.SeenHostKey = *seen
	}
	if state, ok := f.get("state"); ok {
		b, err := parseBytes("unit.state", state)
		if err != nil {
			return cfg, err
		}
		cfg.State = b
	}
	return cfg, *f.err
}

// openOptions is OpenOptions of node.d.ts.
type openOptions struct {
	user             string
	request          sshx.Request
	timeout          time.Duration
	onStep, onBanner js.Value
}

func parseOpenOptions(value js.Value) (openOptions, error) {
	f := readObject("options", value)
	o := openOptions{
		user: f.text("user"), request: sshx.Request{Command: f.optionalText("command")},
		timeout: time.Duration(f.number("timeoutMs", uint32(defaultOpenTimeout/time.Millisecond))) * time.Millisecond,
		onStep:  f.function("onStep"), onBanner: f.function("onBanner"),
	}
	if _, ok := f.get("pty"); ok {
		pty := f.child("pty")
		o.request.PTY = &sshx.PTY{Term: pty.text("term"), Size: sshx.Size{
			Cols: pty.number("cols", 0), Rows: pty.number("rows", 0),
			WidthPx: pty.number("widthPx", 0), HeightPx: pty.number("heightPx", 0),
		}}
		if *f.err == nil && (o.request.PTY.Cols == 0 || o.request.PTY.Rows == 0) {
			*f.err = fault.New(fault.BadArgument, "options.pty: cols and rows must be at least 1")
		}
	}
	if _, ok := f.get("env"); ok {
		o.request.Env = f.child("env").record()
	}
	if *f.err == nil && o.user == "" {
		*f.err = fault.New(fault.BadArgument, "options.user: expected a user name, got nothing")
	}
	return o, *f.err
}

// dialOptions is DialOptions of node.d.ts.
type dialOptions struct {
	user, host string
	port       uint32
	timeout    time.Duration
}

func parseDialOptions(value js.Value) (dialOptions, error) {
	f := readObject("options", value)
	o := dialOptions{
		user: f.text("user"), host: f.text("host"), port: f.number("port", 0),
		timeout: time.Duration(f.number("timeoutMs", uint32(defaultOpenTimeout/time.Millisecond))) * time.Millisecond,
	}
	if *f.err == nil && (o.user == "" || o.host == "") {
		*f.err = fault.New(fault.BadArgument, "options: user and host must not be empty")
	}
	if *f.err == nil && (o.port == 0 || o.port > math.MaxUint16) {
		*f.err = fault.New(fault.BadArgument, "options.port: expected a number from 1 to 65535")
	}
	return o, *f.err
}

// record reads an object whose values are all strings.
func (f fields) record() map[string]string {
	list := map[string]string{}
	keys := js.Global().Get("Object").Call("keys", f.object)
	for i := range keys.Length() {
		name := keys.Index(i).String()
		list[name] = f.text(name)
	}
	return list
}

func formatLine(id, format string, args []any) string {
	return id + ": " + fmt.Sprintf(format, args...)
}
