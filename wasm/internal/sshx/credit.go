package sshx

import "sync"

// credit counts the bytes of output that the reader still takes. It starts at zero, so nothing is delivered before the
// reader has said that it is ready.
type credit struct {
	mu      sync.Mutex
	change  *sync.Cond
	bytes   int64
	aborted bool
}

func newCredit() *credit {
	c := &credit{}
	c.change = sync.NewCond(&c.mu)
	return c
}

// grant adds n bytes; it never blocks, n <= 0 does nothing.
func (c *credit) grant(n int64) {
	if n <= 0 {
		return
	}
	c.mu.Lock()
	c.bytes += n
	c.mu.Unlock()
	c.change.Broadcast()
}

// take waits for credit and takes up to max bytes of it. It returns 0 once aborted.
func (c *credit) take(max int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.bytes == 0 && !c.aborted {
		c.change.Wait()
	}
	if c.aborted {
		return 0
	}
	n := min(c.bytes, int64(max))
	c.bytes -= n
	return int(n)
}

// abort ends every wait for ever: what is undelivered stays so.
func (c *credit) abort() {
	c.mu.Lock()
	c.aborted = true
	c.mu.Unlock()
	c.change.Broadcast()
}
