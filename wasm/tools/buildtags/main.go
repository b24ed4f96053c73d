// Command buildtags prints the value of -tags for building cmd/tailnet: every feature of Tailscale that the client
// does not need is left out by its ts_omit_ tag, computed from the registry of the pinned version so that a new
// feature upstream stays out until somebody asks for it.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"tailscale.com/feature/featuretags"
	"tailscale.com/util/set"
)

// keep names what is linked in, each with what it is needed for.
var keep = []featuretags.FeatureTag{
	"dns",      // tsdial and netstack expect a DNS manager; it has no work while CorpDNS is off
	"health",   // the health tracker tells us why control does not answer
	"ipnbus",   // WatchNotifications: without it nothing reports state or peers
	"netstack", // TCP in user space: a worker has no sockets
}

func main() {
	tags, err := buildTags()
	if err != nil {
		fmt.Fprintln(os.Stderr, "buildtags:", err)
		os.Exit(1)
	}
	fmt.Println(strings.Join(tags, ","))
}

// buildTags returns the sorted tags. It never returns tailscale_go (a stock toolchain does not compile with it) nor
// nethttpomithttp2 (the control protocol is HTTP/2).
func buildTags() ([]string, error) {
	needed := set.Set[featuretags.FeatureTag]{}
	for _, feature := range keep {
		if _, ok := featuretags.Features[feature]; !ok {
			return nil, fmt.Errorf("feature %q is not in tailscale.com/feature/featuretags any more", feature)
		}
		needed.AddSet(featuretags.Requires(feature))
	}
	tags := []string{"osusergo", "netgo"}
	for feature := range featuretags.Features {
		if feature != "" && feature.IsOmittable() && !needed.Contains(feature) {
			tags = append(tags, feature.OmitTag())
		}
	}
	slices.Sort(tags)
	return tags, nil
}
