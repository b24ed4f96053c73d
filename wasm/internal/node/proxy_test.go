package node

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between a unit and Headscale to break the connection at will.
type proxy struct {
	url     string
	mu      sync.Mutex
	conns   []net.Conn
	refuses bool
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{url: fmt.Sprintf("http://%s", listener.Addr())}
	t.Cleanup(func() { listener.Close(); p.cut() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			p.mu.Lock()
			if err != nil || p.refuses {
				near.Close()
			} else {
				p.conns = append(p.conns, near, far)
				go func() { io.Copy(near, far); near.Close() }()
				go func() { io.Copy(far, near); far.Close() }()
			}
			p.mu.Unlock()
		}
	}()
	return p
}

func (p *proxy) refuse(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = yes
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}
