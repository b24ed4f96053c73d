// Package latest hands the newest value of something to one listener, on a goroutine of its own. Setting a value or a
// listener never blocks and never calls out: in the browser the setter may be a JavaScript event handler, and one that
// waits stops the whole program.
package latest

import "sync"

// Value holds the newest value and its listener. Values that are overtaken before delivery are skipped.
type Value[T any] struct {
	mu       sync.Mutex
	value    T
	set      bool
	listener func(T)
	dirty    bool
	closed   bool
	wake     chan struct{}
}

// New returns a Value without a value whose goroutine lives until [Value.Close].
func New[T any]() *Value[T] {
	v := &Value[T]{wake: make(chan struct{}, 1)}
	go v.deliver()
	return v
}

// Set replaces the value and tells the listener.
func (v *Value[T]) Set(value T) {
	v.mu.Lock()
	v.value, v.set, v.dirty = value, true, true
	v.mu.Unlock()
	v.poke()
}

// Get returns the newest value, the zero value if none was set.
func (v *Value[T]) Get() T {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.value
}

// Listen replaces the listener; it soon receives the current value, then every newer one.
func (v *Value[T]) Listen(listener func(T)) {
	v.mu.Lock()
	v.listener, v.dirty = listener, true
	v.mu.Unlock()
	v.poke()
}

// Close delivers what is pending and ends the goroutine. Later values are kept but not delivered.
func (v *Value[T]) Close() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.poke()
}

func (v *Value[T]) poke() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

func (v *Value[T]) deliver() {
	for range v.wake {
		v.mu.Lock()
		value, listener, closed := v.value, v.listener, v.closed
		due := v.dirty && v.set && listener != nil
		if due {
			v.dirty = false
		}
		v.mu.Unlock()
		if due {
			listener(value)
		}
		if closed {
			return
		}
	}
}
