package node

import (
	"encoding/json"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"hubtab/wasm/internal/sshx"
)

// devUser is who runs tailscaled when the tests run as root: the policy lets nobody in as root, and the project's stack
// uses the same user.
const devUser = "hubtab-dev"

// tailscaled is a real node of the unit that serves SSH as an unprivileged user.
type tailscaled struct {
	cmd     *exec.Cmd
	output  *lockedBuffer
	nodeKey string
	hostKey string
	ip      string
}

// wasLoggedInto reports whether anybody got as far as to name a user.
func (d *tailscaled) wasLoggedInto() bool { return d.output.contains("handling conn") }

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

// startTailscaled starts a node under a name that another one may have.
func (s *stack) startTailscaled(hostname string) *tailscaled {
	s.t.Helper()
	dir, err := os.MkdirTemp(s.dir, "node")
	if err != nil {
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
	d := &tailscaled{cmd: as(exec.Command(binary(s.t, "tailscaled"),
		"--tun=userspace-networking", "--statedir="+dir, "--socket="+socket, "--port=0"))}
	d.output = s.spawn(d.cmd)
	tailscale := func(args ...string) ([]byte, error) {
		return as(exec.Command(binary(s.t, "tailscale"), append([]string{"--socket=" + socket}, args...)...)).Output()
	}
	waitFor(s.t, "tailscaled's socket", func() bool { _, err := tailscale("status", "--json"); return err == nil })
	if out, err := tailscale("up", "--login-server="+s.url, "--auth-key="+s.authKey(false, time.Hour), "--hostname="+hostname, "--ssh"); err != nil {
		s.t.Fatalf("tailscale up: %v: %s", err, out)
	}
	text, err := tailscale("status", "--json")
	if err != nil {
		s.t.Fatal(err)
	}
	var status struct {
		Self struct {
			PublicKey    string
			TailscaleIPs []string
		}
	}
	if err := json.Unmarshal(text, &status); err != nil {
		s.t.Fatal(err)
	}
	d.nodeKey, d.ip = status.Self.PublicKey, status.Self.TailscaleIPs[0]
	private, err := os.ReadFile(filepath.Join(dir, "ssh", "ssh_host_ed25519_key"))
	if err != nil {
		s.t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		s.t.Fatal(err)
	}
	d.hostKey = sshx.HostKeyLine(signer.PublicKey())
	return d
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
