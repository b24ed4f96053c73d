package sshx

import (
	"sync"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/fault"
)

// maxQueuedBytes bounds the input that waits for the SSH window. Callers who await each write never come near; twice
// the window of 2 MiB lets those who do not know the window stay in flow.
const maxQueuedBytes = 4 << 20

// inputQueue writes to a channel in the order of the calls, though each caller waits on its own.
type inputQueue struct {
	ssh    ssh.Channel
	mu     sync.Mutex
	wake   *sync.Cond
	items  []inputItem
	queued int
	err    error // set once the channel is over
}

type inputItem struct {
	bytes []byte
	eof   bool
	done  func(error)
}

func newInputQueue(ch ssh.Channel) *inputQueue {
	q := &inputQueue{ssh: ch}
	q.wake = sync.NewCond(&q.mu)
	return q
}

func (q *inputQueue) add(b []byte, eof bool, done func(error)) {
	q.mu.Lock()
	err := q.err
	if err == nil && q.queued+len(b) > maxQueuedBytes {
		err = fault.New(fault.BadArgument, "write: %d bytes wait already, await earlier writes first", q.queued)
	}
	if err == nil {
		q.items = append(q.items, inputItem{b, eof, done})
		q.queued += len(b)
		q.wake.Signal()
	}
	q.mu.Unlock()
	if err != nil {
		done(err)
	}
}

// run writes until close.
func (q *inputQueue) run() {
	for {
		q.mu.Lock()
		for len(q.items) == 0 && q.err == nil {
			q.wake.Wait()
		}
		if q.err != nil {
			q.mu.Unlock()
			return
		}
		item := q.items[0]
		q.mu.Unlock()

		err := q.write(item)

		q.mu.Lock()
		ended := q.err // close has told everyone who waited, this item too
		if ended == nil {
			q.items = q.items[1:]
			q.queued -= len(item.bytes)
		}
		q.mu.Unlock()
		if ended == nil {
			item.done(err)
		}
	}
}

func (q *inputQueue) write(item inputItem) error {
	var err error
	if item.eof {
		err = q.ssh.CloseWrite()
	} else {
		_, err = q.ssh.Write(item.bytes)
	}
	if err != nil {
		return fault.New(fault.ConnectionLost, "write: the channel is over")
	}
	return nil
}

// close fails what waits and all that comes later with how the channel ended.
func (q *inputQueue) close(end End) {
	code := fault.Code(end.Reason)
	if end.Reason == ReasonExited || end.Reason == ReasonClosed {
		code = fault.ConnectionLost
	}
	q.mu.Lock()
	q.err = fault.New(code, "write: the channel is over (%s)", end.Reason)
	items, err := q.items, q.err
	q.items, q.queued = nil, 0
	q.wake.Signal()
	q.mu.Unlock()
	for _, item := range items {
		item.done(err)
	}
}
