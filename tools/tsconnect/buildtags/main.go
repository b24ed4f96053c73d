// Command buildtags prints upstream's own value of -tags for its browser client, less tailscale_go: a stock toolchain
// does not compile with that one.
package main

import (
	"fmt"
	"slices"
	"strings"

	"tailscale.com/cmd/tsconnect/wasmbuild"
)

func main() {
	tags := slices.DeleteFunc(strings.Split(wasmbuild.Tags(), ","), func(tag string) bool { return tag == "tailscale_go" })
	fmt.Println(strings.Join(tags, ","))
}
