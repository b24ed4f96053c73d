package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"

	"golang.org/x/crypto/ssh"
	"tailscale.com/envknob"
)

// devUser is who runs tailscaled when the tests run as root: the policy lets nobody in as root, and the project's stack
// uses the same user.
const devUser = "hubtab-dev"

// waitTimeout bounds every wait for a real program; on an idle machine none takes two seconds.
const waitTimeout = 30 * time.Second

// stack is a real Headscale with one real, unprivileged hub.
type stack struct {
	t       *testing.T
	dir     string
	url     string // of Headscale
	apiKey  string
	userID  string
	hubKey  string
	hostKey string
	sshUser *user.User
	hub     *exec.Cmd
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
	s.startHub()
	return s
}

func hubUser(t *testing.T) *user.User {
	t.Helper()
	name := os.Getenv("USER")
	if os.Geteuid() == 0 {
		name = devUser
		if _, err := user.Lookup(name); err != nil {
			if out, err := exec.Command("useradd", "-m", "-s", "/bin/bash", name).CombinedOutput(); err != nil {
				t.Fatalf("useradd: %v: %s", err, out)
			}
		}
	}
	found, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// spawn starts a program that ends with the test.
func (s *stack) spawn(cmd *exec.Cmd) *exec.Cmd {
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
	return cmd
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

var headscaleConfig = template.Must(template.New("").Parse(`
server_url: http://127.0.0.1:{{.Port}}
listen_addr: 127.0.0.1:{{.Port}}
metrics_listen_addr: ""
grpc_listen_addr: 127.0.0.1:0
unix_socket: {{.Dir}}/hs.sock
noise: { private_key_path: {{.Dir}}/noise.key }
prefixes: { v4: 100.64.0.0/10 }
database: { type: sqlite, sqlite: { path: {{.Dir}}/db.sqlite } }
dns: { magic_dns: false, override_local_dns: false }
derp:
  server: { enabled: true, region_id: 999, region_code: hs, region_name: hs, verify_clients: true, ipv4: 127.0.0.1,
            stun_listen_addr: "127.0.0.1:{{.StunPort}}", private_key_path: {{.Dir}}/derp.key }
  urls: []
policy: { mode: file, path: {{.Dir}}/policy.hujson }
node: { expiry: 0, ephemeral: { inactivity_timeout: 70s } }
taildrop: { enabled: false }
logtail: { enabled: false }
disable_check_updates: true
tuning: { node_store_batch_timeout: 20ms, node_store_batch_size: 100, batch_change_delay: 50ms }
`))

const headscalePolicy = `{
  "grants": [
    { "src": ["192.0.2.1"], "dst": ["192.0.2.1"], "ip": ["tcp:9"] },
    { "src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["tcp:22"] }
  ],
  "ssh": [
    { "action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"],
      "users": ["autogroup:nonroot"], "acceptEnv": ["LANG", "LC_*", "COLORTERM", "TERM_PROGRAM"] }
  ],
  "nodeAttrs": [ { "target": ["autogroup:member"], "attr": ["ssh-behavior-v1", "ssh-env-vars"] } ]
}`

func (s *stack) startHeadscale() {
	s.t.Helper()
	port := freePort(s.t)
	var config bytes.Buffer
	if err := headscaleConfig.Execute(&config, map[string]any{"Dir": s.dir, "Port": port, "StunPort": freePort(s.t)}); err != nil {
		s.t.Fatal(err)
	}
	for name, content := range map[string]string{"config.yaml": config.String(), "policy.hujson": headscalePolicy} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	headscale, configPath := binary(s.t, "headscale"), filepath.Join(s.dir, "config.yaml")
	s.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	s.spawn(exec.Command(headscale, "-c", configPath, "serve"))
	waitFor(s.t, "Headscale's health", func() bool {
		reply, err := http.Get(s.url + "/health")
		if err != nil {
			return false
		}
		reply.Body.Close()
		return reply.StatusCode == http.StatusOK
	})
	key, err := exec.Command(headscale, "-c", configPath, "apikeys", "create").Output()
	if err != nil {
		s.t.Fatalf("make API key: %v", err)
	}
	s.apiKey = strings.TrimSpace(string(key))
}

// api calls Headscale's REST interface.
func (s *stack) api(method, path string, body map[string]any) map[string]any {
	s.t.Helper()
	payload, _ := json.Marshal(body)
	req, err := http.NewRequest(method, s.url+"/api/v1"+path, bytes.NewReader(payload))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.apiKey)
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, _ := io.ReadAll(reply.Body)
	if reply.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", method, path, reply.StatusCode, text)
	}
	var result map[string]any
	if err := json.Unmarshal(text, &result); err != nil {
		s.t.Fatal(err)
	}
	return result
}

// authKey mints a one-use key.
func (s *stack) authKey(ephemeral bool, life time.Duration) string {
	s.t.Helper()
	reply := s.api("POST", "/preauthkey", map[string]any{
		"user": s.userID, "ephemeral": ephemeral, "reusable": false,
		"expiration": time.Now().Add(life).UTC().Format(time.RFC3339Nano),
	})
	return reply["preAuthKey"].(map[string]any)["key"].(string)
}

// nodeNames lists the unit's nodes as Headscale knows them.
func (s *stack) nodeNames() []string {
	s.t.Helper()
	var names []string
	for _, n := range s.api("GET", "/node?user=hub-0", nil)["nodes"].([]any) {
		names = append(names, n.(map[string]any)["name"].(string))
	}
	return names
}

func (s *stack) startHub() {
	s.t.Helper()
	dir := filepath.Join(s.dir, "hub")
	if err := os.Mkdir(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	uid, _ := strconv.Atoi(s.sshUser.Uid)
	gid, _ := strconv.Atoi(s.sshUser.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		s.t.Fatal(err)
	}
	socket := filepath.Join(dir, "sock")
	as := func(cmd *exec.Cmd) *exec.Cmd {
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TS_DEBUG_USE_DERP_HTTP=1", "TS_NO_LOGS_NO_SUPPORT=true"}
		cmd.SysProcAttr = &syscall.SysProcAttr{}
		if os.Geteuid() == 0 {
			cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), Groups: s.groups()}
		}
		return cmd
	}
	s.hub = s.spawn(as(exec.Command(binary(s.t, "tailscaled"),
		"--tun=userspace-networking", "--statedir="+dir, "--socket="+socket, "--port=0")))
	tailscale := func(args ...string) ([]byte, error) {
		return as(exec.Command(binary(s.t, "tailscale"), append([]string{"--socket=" + socket}, args...)...)).Output()
	}
	waitFor(s.t, "tailscaled's socket", func() bool { _, err := tailscale("status", "--json"); return err == nil })
	if out, err := tailscale("up", "--login-server="+s.url, "--auth-key="+s.authKey(false, time.Hour), "--hostname=hub0", "--ssh"); err != nil {
		s.t.Fatalf("tailscale up: %v: %s", err, out)
	}
	text, err := tailscale("status", "--json")
	if err != nil {
		s.t.Fatal(err)
	}
	var status struct{ Self struct{ PublicKey string } }
	if err := json.Unmarshal(text, &status); err != nil {
		s.t.Fatal(err)
	}
	s.hubKey = status.Self.PublicKey
	private, err := os.ReadFile(filepath.Join(dir, "ssh", "ssh_host_ed25519_key"))
	if err != nil {
		s.t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		s.t.Fatal(err)
	}
	s.hostKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}

// groups returns the user's groups. tailscaled's children set exactly these, which only root may change: a daemon that
// runs with others serves "operation not permitted" instead of a shell.
func (s *stack) groups() []uint32 {
	s.t.Helper()
	ids, err := s.sshUser.GroupIds()
	if err != nil {
		s.t.Fatal(err)
	}
	var groups []uint32
	for _, id := range ids {
		n, _ := strconv.ParseUint(id, 10, 32)
		groups = append(groups, uint32(n))
	}
	return groups
}

// config returns a unit that joins with key.
func (s *stack) config(key string) Config {
	return Config{
		ID: "hub-0", ControlURL: s.url, AuthKey: key, Hostname: "browser-1",
		HubNodeKey: s.hubKey, HubKeys: []string{s.hostKey},
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

func (b *lockedBuffer) tail(n int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.bytes.String()
	return text[max(0, len(text)-n):]
}
