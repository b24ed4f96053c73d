package node

import (
	"regexp"
	"strings"
)

// Prefixes of LocalBackend's and controlclient's log lines (tailscale.com v1.102.5: ipn/ipnlocal/local.go
// setControlClientStatusLocked, control/controlclient/direct.go and auto.go).
const (
	receivedError   = "Received error: "
	mapPollRefused  = "initial fetch failed "
	registerRefused = "register request: http "
)

// logEvent is what one log line says about the control connection; exactly one field is set.
type logEvent struct{ gone, refusal, trouble string }

func (e logEvent) apply(o *observed) {
	switch {
	case e.gone != "":
		o.gone = e.gone
	case e.refusal != "":
		o.refusal = e.refusal
	default:
		o.trouble = e.trouble
		o.troubles++
	}
}

// readLogLine recognises the lines that matter. Control's answers appear in them word for word, so a line proves
// nothing but what control said.
func readLogLine(line string) (logEvent, bool) {
	_, message, ok := strings.Cut(line, receivedError)
	if !ok {
		return logEvent{}, false
	}
	message = strings.TrimSpace(message)
	if message == "" {
		return logEvent{}, false
	}
	if status, ok := statusAfter(message, mapPollRefused); ok && status == "404" {
		return logEvent{gone: message}, true
	}
	if status, ok := statusAfter(message, registerRefused); ok {
		if status == "401" || status == "403" || status == "404" || status == "410" {
			return logEvent{refusal: message}, true
		}
	}
	return logEvent{trouble: message}, true
}

// statusAfter returns the three digits behind mark.
func statusAfter(message, mark string) (string, bool) {
	_, rest, ok := strings.Cut(message, mark)
	if !ok || len(rest) < 3 {
		return "", false
	}
	return rest[:3], true
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
