package node

import (
	"regexp"
	"strings"
)

// Parts of LocalBackend's log lines (tailscale.com v1.102.5: setControlClientStatusLocked in ipn/ipnlocal/local.go,
// PollNetMap in control/controlclient/direct.go).
const (
	receivedError = "Received error: "
	nodeNotFound  = "PollNetMap: initial fetch failed 404"
)

// logEvent is what one log line says about the control connection; exactly one field is set.
type logEvent struct{ gone, trouble string }

func (e logEvent) apply(o *observed) {
	if e.gone != "" {
		o.gone = e.gone
		return
	}
	o.trouble = e.trouble
	o.troubles++
}

// readLogLine recognises the lines that matter: a map poll that fails is notified nowhere else. Control's answers appear
// in them word for word, so a line proves nothing but what control said.
func readLogLine(line string) (logEvent, bool) {
	_, message, ok := strings.Cut(line, receivedError)
	if message = strings.TrimSpace(message); !ok || message == "" {
		return logEvent{}, false
	}
	if strings.HasPrefix(message, nodeNotFound) {
		return logEvent{gone: message}, true
	}
	return logEvent{trouble: message}, true
}

// secrets are texts that must not be in a log: pre-auth keys of Headscale and Tailscale, private keys.
var secrets = regexp.MustCompile(`(hskey|tskey)-[A-Za-z0-9_-]+|privkey:[0-9a-f]+`)

// cleanLogLine drops Tailscale's verbose lines, of which there are hundreds a minute, and blanks secrets.
func cleanLogLine(line string) string {
	if strings.Contains(line, "[v1]") || strings.Contains(line, "[v2]") || strings.Contains(line, "[v\x00") {
		return ""
	}
	return secrets.ReplaceAllString(strings.TrimSpace(line), "<secret>")
}
