package node

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"tailscale.com/envknob"
)

// waitTimeout bounds every wait for a real program; on an idle machine none takes two seconds.
const waitTimeout = 30 * time.Second

// stack is a real Headscale with one real, unprivileged hub.
type stack struct {
	t       *testing.T
	dir     string
	url     string // of Headscale
	apiKey  string
	userID  string
	sshUser *user.User
	hub     *tailscaled
}

// waitFor polls a condition.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(waitTimeout)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, waitTimeout)
		}
		<-tick.C
	}
}

// binary returns one of the programs that the project builds.
func binary(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "..", ".hubtab", "bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing: run `node scripts/setup.mjs` in the project's root", path)
	}
	return path
}

func startStack(t *testing.T) *stack {
	t.Helper()
	envknob.Setenv("TS_DEBUG_USE_DERP_HTTP", "1") // Headscale's relay is plain HTTP on loopback
	// Short, and open to devUser: the path of a unix socket has at most 107 bytes, and t.TempDir is private to us.
	dir, err := os.MkdirTemp("", "hubtab-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &stack{t: t, dir: dir, sshUser: hubUser(t)}
	s.startHeadscale()
	s.userID = s.api("POST", "/user", map[string]any{"name": "hub-0"})["user"].(map[string]any)["id"].(string)
	s.hub = s.startTailscaled("hub0")
	return s
}

// spawn starts a program that ends with the test, and returns what it prints.
func (s *stack) spawn(cmd *exec.Cmd) *lockedBuffer {
	s.t.Helper()
	output := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = output, output
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // even if the test binary is killed
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if s.t.Failed() {
			s.t.Logf("%s said:\n%s", filepath.Base(cmd.Path), output.tail(6000))
		}
	})
	return output
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// config returns a unit that joins with key.
func (s *stack) config(key string) Config {
	return Config{
		ID: "hub-0", ControlURL: s.url, AuthKey: key, Hostname: "browser-1",
		HubNodeKey: s.hub.nodeKey, HubKeys: []string{s.hub.hostKey},
	}
}

// lockedBuffer keeps what a program printed.
type lockedBuffer struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes.Write(p)
}

func (b *lockedBuffer) contains(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.bytes.Bytes(), []byte(text))
}

func (b *lockedBuffer) tail(n int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.bytes.String()
	return text[max(0, len(text)-n):]
}
