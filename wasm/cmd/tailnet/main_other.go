//go:build !js

package main

import (
	"fmt"
	"os"
)

// A program for other systems exists only so that `go vet ./...` and `go test ./...` work natively.
func main() {
	fmt.Fprintln(os.Stderr, "tailnet runs in a browser: build it with GOOS=js GOARCH=wasm")
	os.Exit(2)
}
