package relay

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

const testTimeout = 10 * time.Second

// fakeSocket keeps what was sent; a browser's WebSocket is what it stands for.
type fakeSocket struct {
	mu       sync.Mutex
	messages [][]byte
	unsent   int // what Send and Unsent answer
	resumes  int
	closed   bool
	sent     chan struct{}
}

func newFakeSocket() *fakeSocket { return &fakeSocket{sent: make(chan struct{}, 1000)} }

func (s *fakeSocket) Send(b []byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, bytes.Clone(b))
	s.sent <- struct{}{}
	return s.unsent
}

func (s *fakeSocket) Unsent() int { s.mu.Lock(); defer s.mu.Unlock(); return s.unsent }
func (s *fakeSocket) Resume()     { s.mu.Lock(); s.resumes++; s.mu.Unlock() }
func (s *fakeSocket) Close()      { s.mu.Lock(); s.closed = true; s.mu.Unlock() }

func (s *fakeSocket) total() (bytes, messages, largest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		bytes += len(m)
		largest = max(largest, len(m))
	}
	return bytes, len(s.messages), largest
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(testTimeout)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, testTimeout)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestBytesOfManyMessagesAreOneStream(t *testing.T) {
	c := NewConn(newFakeSocket(), "wss://relay")
	defer c.Close()
	for _, part := range []string{"ab", "", "cde", "f"} {
		if !c.Receive([]byte(part)) {
			t.Fatal("full")
		}
	}
	got := make([]byte, 6)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "abcdef" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestMessagesStayBelowWhatHeadscaleReads(t *testing.T) {
	socket := newFakeSocket()
	c := NewConn(socket, "wss://relay")
	defer c.Close()
	want := bytes.Repeat([]byte("0123456789"), 10_000)
	for part := range slices.Chunk(want, 1300) {
		if n, err := c.Write(part); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	within(t, "everything sent", func() bool { n, _, _ := socket.total(); return n == len(want) })
	_, messages, largest := socket.total()
	if largest > MaxMessageBytes || messages > 77 {
		t.Errorf("%d messages, the largest of %d bytes", messages, largest)
	}
	if got := bytes.Join(socket.messages, nil); !bytes.Equal(got, want) {
		t.Error("the bytes differ")
	}
}

func TestAFullReaderHoldsTheSocketBack(t *testing.T) {
	socket := newFakeSocket()
	c := NewConn(socket, "wss://relay")
	defer c.Close()
	chunk := make([]byte, 64<<10)
	received := 0
	for c.Receive(chunk) {
		received += len(chunk)
	}
	received += len(chunk) // the one that filled it was taken
	if received > maxInputBytes+len(chunk) {
		t.Errorf("took %d bytes", received)
	}
	if _, err := io.CopyN(io.Discard, c, int64(received)); err != nil {
		t.Fatal(err)
	}
	if socket.resumes != 1 {
		t.Errorf("resumed %d times", socket.resumes)
	}
	if !c.Receive(chunk) {
		t.Error("still full")
	}
}

func TestAFullSocketHoldsTheWriterBack(t *testing.T) {
	socket := newFakeSocket()
	socket.unsent = maxUnsentBytes + 1
	c := NewConn(socket, "wss://relay")
	defer c.Close()
	written := make(chan error, 1)
	go func() {
		var err error
		for range 100 {
			if _, err = c.Write(make([]byte, 16<<10)); err != nil {
				break
			}
		}
		written <- err
	}()
	<-socket.sent
	time.Sleep(50 * time.Millisecond)
	if _, messages, _ := socket.total(); messages != 1 {
		t.Errorf("%d messages went to a full socket", messages)
	}
	select {
	case <-written:
		t.Error("1.6 MB were taken for a full socket")
	default:
	}
	socket.mu.Lock()
	socket.unsent = 0
	socket.mu.Unlock()
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestTheEndReachesReadersAndWritersAtOnce(t *testing.T) {
	cause := errors.New("aborted")
	for name, end := range map[string]func(*Conn) error{
		"socket ended": func(c *Conn) error { c.End(cause); return cause },
		"closed":       func(c *Conn) error { c.Close(); return net.ErrClosed },
	} {
		socket := newFakeSocket()
		socket.unsent = maxUnsentBytes + 1
		c := NewConn(socket, "wss://relay")
		results := make(chan error, 2)
		go func() { _, err := c.Read(make([]byte, 1)); results <- err }()
		go func() {
			var err error
			for err == nil {
				_, err = c.Write(make([]byte, 16<<10))
			}
			results <- err
		}()
		<-socket.sent
		started := time.Now()
		want := end(c)
		for range 2 {
			if err := <-results; !errors.Is(err, want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if took := time.Since(started); took > time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if c.Receive([]byte("late")) {
			t.Errorf("%s: bytes are still wanted", name)
		}
		c.Close()
		if !socket.closed {
			t.Errorf("%s: the socket stays open", name)
		}
	}
}

func TestWhatCameBeforeTheEndCanBeRead(t *testing.T) {
	c := NewConn(newFakeSocket(), "wss://relay")
	c.Receive([]byte("last words"))
	c.End(io.EOF)
	if got, err := io.ReadAll(c); err != nil || string(got) != "last words" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReadDeadlines(t *testing.T) {
	c := NewConn(newFakeSocket(), "wss://relay")
	defer c.Close()
	read := func() error { _, err := c.Read(make([]byte, 1)); return err }
	c.SetReadDeadline(time.Now().Add(time.Hour)) // as Tailscale does before every packet
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if err := read(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after a sooner one: %v", err)
	}
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	c.SetReadDeadline(time.Now().Add(60 * time.Millisecond)) // the timer of the first one is running
	started := time.Now()
	if err := read(); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(started) < 50*time.Millisecond {
		t.Errorf("after a later one: %v after %v", err, time.Since(started))
	}
	c.SetReadDeadline(time.Time{})
	time.AfterFunc(50*time.Millisecond, func() { c.Receive([]byte("x")) })
	if err := read(); err != nil {
		t.Errorf("without one: %v", err)
	}
}

// FuzzStream: however a relay's bytes are cut into messages and however they are read, they are the same bytes.
func FuzzStream(f *testing.F) {
	f.Add([]byte("DERP\x00frames"), uint8(3), uint8(1))
	f.Add([]byte{}, uint8(0), uint8(0))
	f.Add(bytes.Repeat([]byte{7}, 5000), uint8(255), uint8(200))
	f.Fuzz(func(t *testing.T, stream []byte, message, read uint8) {
		c := NewConn(newFakeSocket(), "wss://relay.example/derp")
		defer c.Close()
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), int(message)+1)
			c.Receive(bytes.Clone(rest[:n]))
			rest = rest[n:]
		}
		c.End(io.EOF)
		var got []byte
		buffer := make([]byte, int(read)+1)
		for {
			n, err := c.Read(buffer)
			got = append(got, buffer[:n]...)
			if err != nil {
				break
			}
		}
		if !bytes.Equal(got, stream) {
			t.Errorf("%d bytes became %d", len(stream), len(got))
		}
	})
}
