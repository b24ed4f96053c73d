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
	// keyFetchRefused: Headscale 0.29.3 hands its key only to versions that it speaks with (KeyHandler in
	// hscontrol/handlers.go), and nothing else of that request can be wrong.
	keyFetchRefused = "fetch control key: 400"
	// unsupportedVersion is what it says later (rejectUnsupported in hscontrol/noise.go).
	unsupportedVersion = "unsupported client version"
)

// logEvent is what one log line says about the control connection; exactly one field is set.
type logEvent struct{ gone, tooOld, trouble string }

func (e logEvent) apply(o *observed) {
	switch {
	case e.gone != "":
		o.gone = e.gone
	case e.tooOld != "":
		o.tooOld = e.tooOld
	default:
		o.trouble = e.trouble
		o.troubles++
	}
}

// readLogLine recognises the lines that matter: a map poll that fails is notified nowhere else. Control's answers appear
// in them word for word, so a line proves nothing but what control said.
func readLogLine(line string) (logEvent, bool) {
	_, message, ok := strings.Cut(line, receivedError)
	if message = strings.TrimSpace(message); !ok || message == "" {
		return logEvent{}, false
	}
	switch {
	case strings.HasPrefix(message, nodeNotFound):
		return logEvent{gone: message}, true
	case strings.Contains(message, keyFetchRefused), strings.Contains(message, unsupportedVersion):
		return logEvent{tooOld: message}, true
	}
	return logEvent{trouble: message}, true
}

// secrets are texts that must not be in a log: pre-auth keys of Headscale and Tailscale, private keys.
var secrets = regexp.MustCompile(`(hskey|tskey)-[A-Za-z0-9_-]+|privkey:[0-9a-f]+`)

// isChatter reports whether a line, or its format, is one of Tailscale's verbose ones, of which there are hundreds a minute.
func isChatter(format string) bool {
	return strings.Contains(format, "[v1]") || strings.Contains(format, "[v2]") || strings.Contains(format, "[v\x00")
}

// cleanLogLine drops verbose lines and blanks secrets.
func cleanLogLine(line string) string {
	if isChatter(line) {
		return ""
	}
	if line = strings.TrimSpace(line); !strings.Contains(line, "key") {
		return line // no secret is without that
	}
	return secrets.ReplaceAllString(line, "<secret>")
}
