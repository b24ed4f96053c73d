package node

import (
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/sshx"
)

// maxAccepted bounds what a hub that reads nothing takes: the SSH window of 2 MiB, the queue and some slack.
const maxAccepted = 8 << 20

// maxGrowth is by how much a flood may make the live heap grow: the window of SSH, 2 MiB, and what netstack's receive
// buffer has grown to, 8 MiB at most (tailscale wgengine/netstack). Seen: 3.6 to 7.6 MB. tests/long/load.test.ts holds the
// browser to 8 MB.
const maxGrowth = 16 << 20

// floodTime is how long the floods last here; `npm run test:long` has a minute of them in the browser.
const floodTime = 3 * time.Second

// liveHeap returns how much is in use. What pools keep is not: two collections empty them.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// grew returns by how much the live heap has grown when f returns.
func grew(f func()) int64 {
	before := liveHeap()
	f()
	return liveHeap() - before
}

// checkFlowControl floods the unit both ways.
func checkFlowControl(t *testing.T, unit *Unit, user string) {
	yes, sleep := "yes", "exec sleep 100"
	flood, err := unit.Open(user, sshx.Request{Command: &yes}, openTimeout, sshx.Progress{})
	if err != nil {
		t.Fatal(err)
	}
	var delivered atomic.Int64
	flood.OnOutput(func(_ sshx.Stream, b []byte) { delivered.Add(int64(len(b))) })
	if growth := grew(func() { time.Sleep(floodTime) }); growth > maxGrowth || delivered.Load() > 0 {
		t.Errorf("`yes` without credit: the heap grew by %d bytes, %d were delivered", growth, delivered.Load())
	} else {
		t.Logf("`yes` without credit: %d bytes", growth)
	}
	flood.Close()
	flood.Wait()

	stopped, err := unit.Open(user, sshx.Request{Command: &sleep}, openTimeout, sshx.Progress{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	accepted := 0
	end := time.Now().Add(floodTime)
	growth := grew(func() {
		for time.Now().Before(end) { // an upload of any size, as a caller who awaits each write sends it
			done := make(chan error, 1)
			stopped.Write(make([]byte, 64<<10), func(err error) { done <- err })
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				accepted += 64 << 10
				mu.Unlock()
			case <-time.After(time.Until(end)):
			}
		}
	})
	if growth > maxGrowth || accepted > maxAccepted {
		t.Errorf("an upload to a stopped reader: the heap grew by %d bytes, %d were accepted", growth, accepted)
	} else {
		t.Logf("upload to a stopped reader: %d bytes", growth)
	}
	stopped.Close()
	stopped.Wait()
	if out, _ := run(t, unit, user, "echo alive"); out != "alive\n" {
		t.Errorf("after the floods: %q", out)
	}
}

// checkForwarding connects to a port of the hub, which is this machine.
func checkForwarding(t *testing.T, unit *Unit, user string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				b := make([]byte, 64)
				n, _ := conn.Read(b)
				conn.Write([]byte(strings.ToUpper(string(b[:n]))))
			}()
		}
	}()
	port := uint32(listener.Addr().(*net.TCPAddr).Port)
	ch, err := unit.Dial(user, "127.0.0.1", port, openTimeout)
	if err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	ch.OnOutput(func(_ sshx.Stream, b []byte) { output.Write(b) })
	ch.Grant(3) // the rest waits for credit, though the server has closed by then
	ch.Write([]byte("héllo"), func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	time.Sleep(200 * time.Millisecond)
	ch.Grant(100)
	if end := ch.Wait(); end != (sshx.End{Reason: sshx.ReasonExited}) || output.String() != "HÉLLO" {
		t.Errorf("got %q, %+v", output.String(), end)
	}
	listener.Close()
	if _, err := unit.Dial(user, "127.0.0.1", port, openTimeout); fault.CodeOf(err) != fault.PortUnreachable {
		t.Errorf("a closed port: %v", err)
	}
}
