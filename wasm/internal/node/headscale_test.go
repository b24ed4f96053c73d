package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

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

// nodeID returns Headscale's id of the node that has an address.
func (s *stack) nodeID(ip string) string {
	s.t.Helper()
	for _, n := range s.api("GET", "/node?user=hub-0", nil)["nodes"].([]any) {
		node := n.(map[string]any)
		if slices.Contains(node["ipAddresses"].([]any), any(ip)) {
			return node["id"].(string)
		}
	}
	s.t.Fatalf("no node has the address %s", ip)
	return ""
}
