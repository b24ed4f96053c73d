package sshx

import (
	"strings"

	"hubtab/wasm/internal/fault"
)

// Texts of tailscaled's SSH server (tailscale.com v1.102.5, ssh/tailssh/tailssh.go): it has no codes for these.
const (
	// bannerNoUser: clientAuth, the policy allows the name but the hub has no such Unix user.
	bannerNoUser = "tailscale: failed to look up local user"
	// bannerPolicyUser: clientAuth, the policy does not allow this name. With autogroup:nonroot that is root, or a name
	// that the hub does not have: mapLocalUser looks it up before the policy answers.
	bannerPolicyUser = "tailscale: tailnet policy does not permit you to SSH as user"
	// cannotSwitchUser: run, a tailscaled that is not root was asked for another user than its own. It is printed to
	// the channel, followed by exit status 1 (255 from v1.104).
	cannotSwitchUser = "can't switch user\r\n"
)

// classifyDenial names the cause of a refused log-in as user from the banners that came before it.
func classifyDenial(user, banners string, err error) *fault.Error {
	text := strings.TrimSpace(banners)
	switch {
	case strings.Contains(text, bannerNoUser), user != "root" && strings.Contains(text, bannerPolicyUser):
		return fault.New(fault.UnknownUser, "%s", text)
	case text == "":
		return fault.New(fault.AccessDenied, "log in: %w", err)
	default:
		return fault.New(fault.AccessDenied, "%s", text)
	}
}

// isDenial reports whether a failed handshake is an answer to our log-in rather than a broken connection. tailscaled
// says why in a banner and then just hangs up.
func isDenial(banners string, err error) bool {
	return strings.Contains(err.Error(), "unable to authenticate") || strings.TrimSpace(banners) != ""
}

// outputHead keeps the beginning of a channel's output, enough to recognise cannotSwitchUser and nothing more.
type outputHead struct {
	bytes []byte
	total int
}

func (h *outputHead) note(b []byte) {
	h.total += len(b)
	if room := len(cannotSwitchUser) - len(h.bytes); room > 0 {
		h.bytes = append(h.bytes, b[:min(room, len(b))]...)
	}
}

// saysCannotSwitchUser reports whether the hub refused the user: its one line, no other output, and a failure.
func (h *outputHead) saysCannotSwitchUser(exit exitStatus) bool {
	return h.total == len(cannotSwitchUser) && string(h.bytes) == cannotSwitchUser && exit.hasCode && exit.code != 0
}
