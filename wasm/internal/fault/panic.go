package fault

import (
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// maxPanicText bounds what is kept of a panic, in bytes: a page of a bug report.
const maxPanicText = 8 << 10

// Panic is a panic that ended one call and not the program.
type Panic struct {
	At time.Time
	// Text is what was said, and the stack.
	Text string
}

var (
	panicMu   sync.Mutex
	lastPanic *Panic
)

// LastPanic returns the newest panic that Protect caught, nil if there was none.
func LastPanic() *Panic {
	panicMu.Lock()
	defer panicMu.Unlock()
	return lastPanic
}

// Protect runs f and turns a panic into an Internal error: one that escapes a goroutine ends the whole program.
func Protect[T any](f func() (T, error)) (value T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = New(Internal, "panic: %v", r)
			text := fmt.Sprintf("%v\n%s", r, debug.Stack())
			panicMu.Lock()
			lastPanic = &Panic{At: time.Now(), Text: text[:min(len(text), maxPanicText)]}
			panicMu.Unlock()
		}
	}()
	return f()
}
